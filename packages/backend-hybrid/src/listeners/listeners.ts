/** Those who want to be told of something, in the order in which they came. */
export class Listeners<T> {
  private readonly entries = new Set<(told: T) => void>();

  get size(): number {
    return this.entries.size;
  }

  /** Adds one, also a function that is there already; what is returned takes it off again. */
  add(listener: (told: T) => void): () => void {
    const entry = (told: T): void => listener(told);
    this.entries.add(entry);
    return () => this.entries.delete(entry);
  }

  /** Calls all that there are. What one throws is reported as any uncaught error is, and the others are called. */
  tell(told: T): void {
    for (const entry of Array.from(this.entries)) {
      if (!this.entries.has(entry)) continue;
      try {
        entry(told);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  clear(): void {
    this.entries.clear();
  }
}
