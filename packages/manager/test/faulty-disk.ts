import { chaos, type FaultPlan } from "@zspine/conformance";
import {
  defineBackend,
  ZspineError,
  type Backend,
  type BackendOpener,
  type BackendPlugin,
} from "@zspine/core";
import { KeptMedium } from "../src/medium/kept.ts";

type Located = { readonly location: string };

/**
 * A medium whose places outlive handles on them, as directories outlive a process, at which things go wrong by plan: at
 * opening and dropping too.
 */
export class FaultyDisk {
  readonly plugin: BackendPlugin<Located, BackendOpener>;
  plan: FaultPlan = () => undefined;
  private readonly media = new Map<string, KeptMedium>();
  private readonly held = new Set<string>();

  constructor(type: string) {
    this.plugin = defineBackend({
      type,
      create: (options?: Located) => this.opener(type, options!.location),
    });
  }

  /** The places at which something lies. */
  get places(): string[] {
    return [...this.media.keys()].sort();
  }

  /** Lets go of everything as the end of a process does, and mends what was broken. */
  restart(): void {
    this.held.clear();
    this.plan = () => undefined;
  }

  private opener(type: string, place: string): BackendOpener {
    return {
      type,
      open: async () => {
        this.strike("open");
        if (this.held.has(place)) throw new ZspineError("ZSPINE_LOCKED", `${place} is open`);
        const medium = this.media.get(place) ?? new KeptMedium();
        this.media.set(place, medium);
        this.held.add(place);
        return this.handle(type, place, await medium.open());
      },
      drop: async () => {
        this.strike("drop");
        if (this.held.has(place)) throw new ZspineError("ZSPINE_LOCKED", `${place} is open`);
        this.media.delete(place);
      },
    };
  }

  private handle(type: string, place: string, backend: Backend): Backend {
    const close = async (): Promise<void> => {
      this.held.delete(place);
      await backend.close();
    };
    const broken = chaos(backend, { plan: (call) => this.plan(call) });
    return { ...broken, type, close, [Symbol.asyncDispose]: close };
  }

  private strike(what: "drop" | "open"): void {
    if (this.plan({ method: "readHead", name: what }) === undefined) return;
    throw new ZspineError("ZSPINE_IO", `${what} failed by plan`);
  }
}
