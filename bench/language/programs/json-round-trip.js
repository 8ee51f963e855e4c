function rows(count) {
  const out = [];
  for (let i = 0; i < count; i++) {
    out.push({
      id: i,
      name: `worker ${i}`,
      tags: ["alpha", `beta ${i % 10}`],
      usage: { input: i * 3, output: i % 7, cost: i * 0.125 + 0.01 },
      done: i % 2 === 0,
      note: null,
    });
  }
  return out;
}

export function run(count = 38000) {
  const text = JSON.stringify(rows(count));
  const back = JSON.parse(text);
  let sum = 0;
  for (const row of back) sum += row.usage.input + row.tags.length;
  return `${back.length} ${sum} ${text.length > count * 100} ${JSON.stringify(back) === text}`;
}
