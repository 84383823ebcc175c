/** A client of server-sent events, as a browser is one: it keeps the id of the last, and says it when it connects again. */
export class EventClient {
  /** The rows that it has, with their weights. */
  readonly rows: Map<string, number> = new Map();
  lastEventId = "";
  private events = 0;
  private readonly waiting: { readonly events: number; readonly resolve: () => void }[] = [];
  private readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** Resolves when it has taken so many events more. */
  more(events: number): Promise<void> {
    return new Promise((resolve) => this.waiting.push({ events: this.events + events, resolve }));
  }

  /** Takes events from a server until it has so many, or the connection ends; gives how many it was. */
  async take(port: number, most: number, acknowledges: (event: number) => boolean): Promise<number> {
    const controller = new AbortController();
    const headers: Record<string, string> =
      this.lastEventId === "" ? {} : { "last-event-id": this.lastEventId };
    const { signal } = controller;
    let events = 0;
    try {
      const response = await fetch(`http://127.0.0.1:${port}/?client=${this.name}`, { headers, signal });
      let text = "";
      for await (const bytes of response.body!) {
        text += new TextDecoder().decode(bytes as Uint8Array);
        for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
          this.apply(text.slice(0, end));
          text = text.slice(end + 2);
          events++;
          if (events === most || !acknowledges(events)) return events;
          await fetch(`http://127.0.0.1:${port}/${this.lastEventId}?client=${this.name}`, { method: "POST" });
        }
      }
    } catch (error) {
      // The server is gone.
      if (!(error instanceof TypeError)) throw error;
    } finally {
      controller.abort();
    }
    return events;
  }

  private apply(event: string): void {
    const fields = new Map(
      event
        .split("\n")
        .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
    );
    if (fields.get("event") === "reset") throw new Error(`was reset at ${this.lastEventId}`);
    // Who says no id is given all there is.
    for (const { key, value, weight } of JSON.parse(fields.get("data")!) as {
      key: number;
      value: number;
      weight: number;
    }[]) {
      const row = `${key} ${value}`;
      const sum = (this.rows.get(row) ?? 0) + weight;
      if (sum === 0) this.rows.delete(row);
      else this.rows.set(row, sum);
    }
    this.lastEventId = fields.get("id")!;
    this.events++;
    for (const { events, resolve } of this.waiting) if (this.events >= events) resolve();
  }
}
