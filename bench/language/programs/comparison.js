export function run(turns = 200000) {
  let low = 0;
  let middle = 0;
  let high = 0;
  let at = 17;
  let i = 0;
  while (i < turns) {
    at = (at * 29 + 7) % 1009;
    if (at < 300) low++;
    else if (at >= 300 && at <= 700) middle++;
    else if (at !== 1009) high++;
    i++;
  }
  return `${low} ${middle} ${high}`;
}
