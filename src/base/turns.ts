/** Bodies under one key run one after the other, those under different keys at the same time. */
export type Turns = <T>(key: string, body: () => Promise<T>) => Promise<T>;

/** A body starts when the one before it under its key has ended, however that ended. */
export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return (key, body) => {
    const mine = (last.get(key) ?? Promise.resolve()).then(body, body);
    last.set(key, mine);
    const forget = () => {
      if (last.get(key) === mine) last.delete(key);
    };
    mine.then(forget, forget);
    return mine;
  };
}
