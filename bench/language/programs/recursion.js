function fib(n) {
  if (n < 2) return n;
  return fib(n - 1) + fib(n - 2);
}

export function run(turns = 30000) {
  let sum = 0;
  let calls = 0;
  while (calls < turns) {
    sum += fib(20);
    calls += 21891;
  }
  return sum;
}
