class Channel {
  values = [];
  receivers = [];

  async send(value) {
    const receiver = this.receivers.shift();
    if (receiver === undefined) this.values.push(value);
    else receiver(value);
  }

  receive() {
    if (this.values.length > 0) return Promise.resolve(this.values.shift());
    return new Promise((resolve) => {
      this.receivers.push(resolve);
    });
  }
}

export async function run(rounds = 20000) {
  const there = new Channel();
  const back = new Channel();
  const player = (async () => {
    for (let i = 0; i < rounds; i++) await back.send((await there.receive()) + 1);
  })();
  let ball = 0;
  for (let i = 0; i < rounds; i++) {
    await there.send(ball);
    ball = await back.receive();
  }
  await player;
  return ball;
}
