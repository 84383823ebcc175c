import { isZspineError, type StoredHead } from "@zspine/core";
import type { S3Backend } from "../../src/backend/s3-backend.ts";
import { decodeHeadObject } from "../../src/layout/head-object.ts";
import { headKey, headNumber, HEADS } from "../../src/layout/keys.ts";
import type { Course } from "./explorer.ts";

/** What a head of these scenarios says: all commits that it goes on from, and the values that it names. */
interface Said {
  readonly commits: readonly string[];
  readonly values: readonly string[];
}

const encoder = new TextEncoder();

function read(bytes: Uint8Array | undefined): Said {
  if (bytes === undefined) return { commits: [], values: [] };
  return JSON.parse(new TextDecoder().decode(bytes)) as Said;
}

/** The laws of heads, and writers and readers that are held to them. */
export class Protocol {
  readonly #course: Course;
  readonly #acknowledged = new Map<number, string>();

  constructor(course: Course) {
    this.#course = course;
  }

  /**
   * Makes a commit after a head, as the store does: what is in doubt is settled by reading. Each names its own value and that
   * of the commit before, and lets go of the one before that. Resolves to whether it was acknowledged.
   */
  async commit(
    backend: S3Backend,
    commit: string,
    after: StoredHead | undefined,
    bytes = 1,
  ): Promise<boolean> {
    const before = read(after?.bytes);
    const number = (after?.number ?? 0) + 1;
    const said: Said = {
      commits: [...before.commits, commit],
      values: [...before.values.slice(-1), `v/${commit}`],
    };
    const ops = [
      { type: "put", name: `v/${commit}`, bytes: new Uint8Array(bytes).fill(number) } as const,
      ...before.values.slice(0, -1).map((name) => ({ type: "remove", name }) as const),
    ];
    const head = encoder.encode(JSON.stringify(said));
    try {
      await backend.createHead(number, head, ops);
    } catch (error) {
      if (!isZspineError(error)) throw error;
      if (error.determinate) return false;
      const found = await backend.readHead(number);
      if (found === undefined || new TextDecoder().decode(found.bytes) !== JSON.stringify(said)) return false;
    }
    if (this.#acknowledged.has(number)) throw new Error(`head ${number} was acknowledged twice`);
    this.#acknowledged.set(number, commit);
    return true;
  }

  /** Reads the newest head and all that it names, `times` times. */
  async follow(backend: S3Backend, times: number): Promise<void> {
    let last = 0;
    for (let time = 0; time < times; time++) {
      const head = await backend.readHead();
      if (head === undefined) throw new Error("a reader finds no head");
      if (head.number < last) throw new Error(`a reader sees head ${head.number} after ${last}`);
      last = head.number;
      const { commits, values } = read(head.bytes);
      const other = this.#acknowledged.get(head.number);
      if (other !== undefined && commits.at(-1) !== other)
        throw new Error(
          `a reader sees head ${head.number} of ${commits.at(-1)!}, and ${other}'s was acknowledged`,
        );
      for (const name of values) {
        if ((await backend.get(name)) !== undefined) continue;
        const { number } = (await backend.readHead())!;
        if (number === head.number)
          throw new Error(`head ${number} names ${name}, which a reader does not find`);
      }
    }
  }

  /** Holds what is there to the laws. */
  check(): void {
    const { objects } = this.#course.fake;
    const numbers = objects
      .keys()
      .filter((key) => key.startsWith(HEADS))
      .map(headNumber);
    const newest = Math.max(0, ...numbers);
    for (const number of [newest, newest - 1].filter((one) => one > 0)) {
      const object = objects.bytes(headKey(number));
      if (object === undefined) throw new Error(`head ${number} of the two newest is not there`);
      const { directory, head } = decodeHeadObject(object, number);
      const { commits, values } = read(head);
      for (const name of values) {
        const place = directory.get(name);
        const holder = place && objects.bytes(place.holder.key);
        if (holder === undefined || holder.length < place!.offset + place!.length)
          throw new Error(`${name}, which head ${number} names, was removed`);
      }
      for (const [at, commit] of this.#acknowledged)
        if (at <= number && !commits.includes(commit))
          throw new Error(`${commit}, which was acknowledged, is lost`);
    }
  }
}
