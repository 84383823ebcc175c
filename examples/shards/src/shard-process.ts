import { fork, type ChildProcess } from "node:child_process";
import { isZspineError } from "@zspine/core";
import { ShardGoneError, type Host } from "./coordinator.ts";
import { places, ShardsError } from "./place.ts";
import { Shard, type ShardHandle, type ShardPlace } from "./shard.ts";

/** What is asked of the process of a shard, and what it answers. */
interface Call {
  readonly id: number;
  readonly method: "open" | keyof ShardHandle;
  readonly given: readonly unknown[];
}
interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly code: string | undefined };
}

/** How often a process looks whether one that was killed has let go of its place, and after how many milliseconds. */
const LOOKS = 100;
const LOOK_MS = 50;

/** Runs the shard that this process is for, until it is told to close it or who started it has gone. */
export function runShardProcess(): void {
  let shard: Shard | undefined;
  process.on("disconnect", () => process.exit());
  // Ctrl+C goes to every process of a terminal: who coordinates ends this one when it is done with it.
  process.on("SIGINT", () => undefined);
  process.on("message", ({ id, method, given }: Call) => {
    void answer(method, given).then(
      (result) => process.send!({ id, result } satisfies Answer),
      (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        process.send!({
          id,
          error: { message, code: isZspineError(error) ? error.code : undefined },
        } satisfies Answer);
      },
    );
  });
  async function answer(method: Call["method"], given: readonly unknown[]): Promise<unknown> {
    if (method !== "open")
      return (shard![method] as (...all: readonly unknown[]) => Promise<unknown>)(...given);
    shard = await openWhenFree(given[0] as ShardPlace);
    return undefined;
  }
}

async function openWhenFree(at: ShardPlace): Promise<Shard> {
  for (let looks = 1; ; looks++) {
    try {
      return await Shard.open(places, at);
    } catch (error) {
      if (!isZspineError(error, "ZSPINE_LOCKED") || looks === LOOKS) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}

/** A shard in a process of its own. */
export class ShardProcess implements ShardHandle {
  readonly child: ChildProcess;
  private readonly name: string;
  private readonly waiting = new Map<
    number,
    { resolve(result: unknown): void; reject(error: Error): void }
  >();
  private readonly ended: Promise<void>;
  private calls = 0;
  private gone: ShardGoneError | undefined;

  private constructor(child: ChildProcess, name: string) {
    this.child = child;
    this.name = name;
    child.on("message", (answer: Answer) => this.take(answer));
    this.ended = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        const how = signal === null ? `with ${code ?? "an error"}` : `by ${signal}`;
        this.gone = new ShardGoneError(`process ${child.pid ?? ""} of shard ${name} has ended ${how}`);
        for (const { reject } of this.waiting.values()) reject(this.gone);
        this.waiting.clear();
        resolve();
      });
    });
  }

  /** Makes a host that starts a program with the argument `shard`. @param onStart Told of each process. */
  static host(
    program: string,
    onStart: (started: ShardProcess, name: string) => void = () => undefined,
  ): Host {
    return async (at, name) => {
      const child = fork(program, ["shard"], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
      const started = new ShardProcess(child, name);
      onStart(started, name);
      try {
        await started.call("open", at);
      } catch (error) {
        await started.end();
        throw error;
      }
      return started;
    };
  }

  step: ShardHandle["step"] = (...given) => this.call("step", ...given);
  holdAt: ShardHandle["holdAt"] = (...given) => this.call("holdAt", ...given);
  status: ShardHandle["status"] = () => this.call("status");
  cloneInto: ShardHandle["cloneInto"] = (...given) => this.call("cloneInto", ...given);
  seal: ShardHandle["seal"] = (...given) => this.call("seal", ...given);
  catchUp: ShardHandle["catchUp"] = () => this.call("catchUp");
  detach: ShardHandle["detach"] = () => this.call("detach");

  async close(): Promise<void> {
    if (this.gone === undefined) await this.call("close").catch(() => undefined);
    await this.end();
  }

  private async end(): Promise<void> {
    if (this.gone === undefined) this.child.disconnect();
    await this.ended;
  }

  private call<T>(method: Call["method"], ...given: readonly unknown[]): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.gone !== undefined) {
        reject(this.gone);
        return;
      }
      const id = ++this.calls;
      this.waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
      // Where it cannot be sent, the process ends, which is told.
      this.child.send({ id, method, given } satisfies Call, () => undefined);
    });
  }

  private take({ id, result, error }: Answer): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else {
      const code = error.code === undefined ? "" : ` (${error.code})`;
      waiting?.reject(new ShardsError(`Shard ${this.name}: ${error.message}${code}`));
    }
  }
}
