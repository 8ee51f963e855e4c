export function run(turns = 150000) {
  const prices = { apple: 3, banana: 5, cherry: 7, date: 11 };
  const names = ["apple", "banana", "cherry", "date"];
  let total = 0;
  for (let i = 0; i < turns; i++) {
    total = total + prices.banana + prices[names[i % 4]];
  }
  return total;
}
