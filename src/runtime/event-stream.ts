/** An async iterable that one producer fills. Each reader gets the events from its own start on; nothing is kept when nobody reads. */
export class EventStream<T> implements AsyncIterable<T> {
  private readonly readers = new Set<Reader<T>>();
  private closed = false;

  push(event: T): void {
    for (const reader of this.readers) reader.push(event);
  }

  close(): void {
    this.closed = true;
    for (const reader of this.readers) reader.close();
    this.readers.clear();
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    const reader = new Reader<T>(() => this.readers.delete(reader));
    if (this.closed) reader.close();
    else this.readers.add(reader);
    return reader;
  }
}

class Reader<T> implements AsyncIterator<T> {
  private readonly queue: T[] = [];
  private waiting: ((result: IteratorResult<T>) => void) | null = null;
  private closed = false;
  private readonly onReturn: () => void;

  constructor(onReturn: () => void) {
    this.onReturn = onReturn;
  }

  push(event: T): void {
    const waiting = this.waiting;
    this.waiting = null;
    if (waiting === null) this.queue.push(event);
    else waiting({ done: false, value: event });
  }

  close(): void {
    this.closed = true;
    this.waiting?.({ done: true, value: undefined });
    this.waiting = null;
  }

  next(): Promise<IteratorResult<T>> {
    const value = this.queue.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.closed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.waiting = resolve;
    });
  }

  return(): Promise<IteratorResult<T>> {
    this.onReturn();
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }
}
