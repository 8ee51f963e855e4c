/**
 * RunState: typed plain-data cells, one a topic, each declared once. A cell's state belongs to a run, lives in its snapshot, and consists of
 * Harn values, plain objects, arrays, strings, numbers, booleans and null. No module-level state stands anywhere else.
 */
export interface Cell<T> {
  readonly name: string;
  readonly initial: () => T;
}

export function declareCell<T>(name: string, initial: () => T): Cell<T> {
  return { name, initial };
}
