/** What the library's benchmark works on: made from a seed, the same in every run. */

/** A small generator of numbers from 0 to below `most`. */
export function makeRandom(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}

const WORDS = "amber brook cedar delta ember flint grove haven inlet jetty knoll larch meadow north".split(" ");

/** As records of services are: short fields, and a text. */
export interface Person {
  readonly about: string;
  readonly active: boolean;
  readonly address: { readonly city: string; readonly zip: string };
  readonly age: number;
  readonly email: string;
  readonly id: number;
  readonly name: string;
  readonly score: number;
  readonly tags: readonly string[];
}

/** Keys stand in order, as Harn writes them. `integral`: scores are floats without a fraction. */
export function makePeople(count: number, integral: boolean): readonly Person[] {
  const random = makeRandom(7);
  const word = () => WORDS[random(WORDS.length)]!;
  return Array.from({ length: count }, (_, id) => {
    const name = `${word()} ${word()}${id % 9 === 0 ? ' "the elder"\n' : ""}`;
    return {
      about: Array.from({ length: 10 + random(20) }, word).join(" "),
      active: random(2) === 0,
      address: { city: word(), zip: String(10_000 + random(90_000)) },
      age: 18 + random(70),
      email: `${word()}.${id}@${word()}.com`,
      id,
      name,
      score: integral ? random(100) : random(100) + 0.25,
      tags: Array.from({ length: random(5) }, word),
    };
  });
}

/** The same as JSON text; integral scores are written as floats are. */
export function peopleText(count: number, integral: boolean): string {
  const text = JSON.stringify(makePeople(count, integral));
  return integral ? text.replaceAll(/"score":(\d+)/g, '"score":$1.0') : text;
}

/** Lines of a log of a server, `bytes` long or a little longer. */
export function makeLog(bytes: number, seed = 3): string {
  const random = makeRandom(seed);
  const word = () => WORDS[random(WORDS.length)]!;
  const lines: string[] = [];
  let length = 0;
  while (length < bytes) {
    const status = [200, 200, 200, 404, 500][random(5)]!;
    const line =
      `2024-0${1 + random(9)}-1${random(10)}T0${random(10)}:3${random(10)}:00Z ${10 + random(90)}.0.0.${random(256)} ` +
      `GET /${word()}/${word()}?user=${word()}@${word()}.com ${status} ${random(100_000)}us`;
    lines.push(line);
    length += line.length + 1;
  }
  return `${lines.join("\n")}\n`;
}
