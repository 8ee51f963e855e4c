class Channel {
  values = [];
  receivers = [];
  next = 0;

  async send(value) {
    if (this.next < this.receivers.length) this.receivers[this.next++](value);
    else this.values.push(value);
  }

  receive() {
    if (this.values.length > 0) return Promise.resolve(this.values.shift());
    return new Promise((resolve) => {
      this.receivers.push(resolve);
    });
  }
}

export async function run(count = 10000) {
  const gate = new Channel();
  const tasks = [];
  for (let i = 0; i < count; i++) tasks.push((async () => (await gate.receive()) + i)());
  for (let i = 0; i < count; i++) await gate.send(i);
  let sum = 0;
  for (const task of tasks) sum += await task;
  return sum;
}
