async function answer(n) {
  await null;
  return n * 2;
}

async function ask(n) {
  const task = answer(n);
  return await task;
}

export async function run(count = 100000) {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += await ask(i);
  return sum;
}
