/**
 * Trouble on demand for the doors of tests: an operation can be made to fail some times, or be held until the test lets it go.
 * Operations are named `<door>.<method>`, as in `files.writeText`; the sync forms share the name of the async one.
 */

interface PlannedFault {
  readonly operation: string;
  readonly concerns: (subject: string) => boolean;
  readonly error: Error;
  left: number;
}

interface Hold {
  readonly operation: string;
  readonly released: Promise<void>;
}

export class Faults {
  #planned: PlannedFault[] = [];
  #holds: Hold[] = [];
  /** Every operation that came by, as `operation subject`, in order. */
  readonly log: string[] = [];

  /** The next `times` calls of `operation` whose subject (a path, a program, a URL) contains `subject` throw `error`. */
  fail(operation: string, error: Error, options: { readonly times?: number; readonly subject?: string } = {}): void {
    const { times = 1, subject = "" } = options;
    this.#planned.push({ operation, error, left: times, concerns: (found) => found.includes(subject) });
  }

  /** Async calls of `operation` wait until the answer is called. */
  hold(operation: string): () => void {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const hold = { operation, released };
    this.#holds.push(hold);
    return () => {
      this.#holds = this.#holds.filter((other) => other !== hold);
      release();
    };
  }

  /** For operations that complete at once. */
  check(operation: string, subject: string): void {
    this.log.push(`${operation} ${subject}`);
    const fault = this.#planned.find(
      (planned) => planned.operation === operation && planned.left > 0 && planned.concerns(subject),
    );
    if (fault === undefined) return;
    fault.left--;
    throw fault.error;
  }

  async pass(operation: string, subject: string): Promise<void> {
    for (const hold of this.#holds) if (hold.operation === operation) await hold.released;
    this.check(operation, subject);
  }
}
