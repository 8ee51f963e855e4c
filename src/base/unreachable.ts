/** Ends a switch over a union: the compiler proves that no case is missing, and a broken proof is a defect of ours, not of a program's. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
