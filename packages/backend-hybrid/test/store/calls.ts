import { forward } from "@zspine/conformance";
import type { Backend } from "@zspine/core";

/** The calls of backends that have not been answered. */
export class Calls {
  private underway = 0;
  private waiting: (() => void)[] = [];

  /** Makes a backend whose calls are among them. */
  watch(backend: Backend): Backend {
    return {
      ...forward(backend),
      get: (...args) => this.track(() => backend.get(...args)),
      write: (...args) => this.track(() => backend.write(...args)),
      createHead: (...args) => this.track(() => backend.createHead(...args)),
    };
  }

  /** Waits until there are none. */
  async quiet(): Promise<void> {
    while (this.underway > 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private async track<T>(work: () => Promise<T>): Promise<T> {
    this.underway++;
    try {
      return await work();
    } finally {
      this.underway--;
      for (const resolve of this.waiting.splice(0)) resolve();
    }
  }
}
