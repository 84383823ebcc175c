/** Does work of one name in turns, one after the other; of different names side by side. */
export class Turns {
  private readonly last = new Map<string, Promise<void>>();

  async take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(name);
    const turn = before === undefined ? work() : before.then(work);
    const end = turn.then(nothing, nothing);
    this.last.set(name, end);
    try {
      return await turn;
    } finally {
      if (this.last.get(name) === end) this.last.delete(name);
    }
  }

  /** Resolves when all work that was under way, or waited, has ended. */
  async settled(): Promise<void> {
    while (this.last.size > 0) await Promise.all(this.last.values());
  }
}

function nothing(): void {
  // What comes of it is told to who took the turn.
}
