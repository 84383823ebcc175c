import { checkOptions, refused, ZspineError, type Layout, type OptionKind } from "@zspine/core";
import { didYouMean, quoteNames, type Shape } from "@zspine/core/engine";
import { jsonOfShape, type JsonOfShape } from "../json/shape-json.ts";
import { misread, put } from "../json/tag.ts";

/** The names that the parts of a row have in a line. */
export interface LineFields {
  /** `"key"` by default. */
  readonly key?: string | undefined;
  /** `"value"` by default. */
  readonly value?: string | undefined;
  /** `"weight"` by default; a line without it has weight 1. */
  readonly weight?: string | undefined;
  /** `"time"` by default, in lines of temporal traces. */
  readonly time?: string | undefined;
}

/** How rows stand in lines. */
export interface LineOptions {
  /** What the parts of a row are called. */
  readonly fields?: LineFields | undefined;
  /**
   * Whether the fields of a key, and of a value, that is an object stand in the line itself:
   * `{"id":7,"customer":"ann"}` in place of `{"key":{"id":7},"value":{"customer":"ann"}}`.
   */
  readonly flat?: boolean | undefined;
}

/** A row that was read of a line, not checked by the schemas yet. */
export interface LineRow {
  readonly key: unknown;
  readonly value: unknown;
  readonly weight?: unknown;
  readonly time?: unknown;
}

const NAME: OptionKind = {
  expected: "the name of a field",
  accepts: (value) => typeof value === "string",
};

const NAMES = { key: "key", value: "value", weight: "weight", time: "time" };

/** Gives the names with their defaults. @throws `ZSPINE_INVALID_OPTIONS`. */
export function checkFields(given: LineFields = {}): typeof NAMES {
  const kinds = { key: NAME, value: NAME, weight: NAME, time: NAME };
  return { ...NAMES, ...(checkOptions(given, "fields", kinds) as Partial<typeof NAMES>) };
}

/** A key or a value, in a field of its own or as several of the line. */
interface Side {
  readonly names: readonly string[];
  readonly isSpread: boolean;
  readonly json: JsonOfShape;
}

type Json = Readonly<Record<string, unknown>>;

/** Rows as lines of JSON, each an object. */
export class LineFormat {
  private readonly key: Side;
  private readonly value: Side;
  private readonly weight: string;
  private readonly time: string | undefined;
  private readonly known: ReadonlySet<string>;

  /** @throws `ZSPINE_INVALID_OPTIONS` where two parts of a line have one name. */
  constructor(
    layout: Pick<Layout, "key" | "value">,
    { fields, flat = false }: LineOptions,
    isTimed: boolean,
  ) {
    const names = checkFields(fields);
    this.key = sideOf(layout.key, names.key, flat);
    this.value = sideOf(layout.value, names.value, flat);
    this.weight = names.weight;
    this.time = isTimed ? names.time : undefined;
    const all = [...this.key.names, ...this.value.names, this.weight, ...(isTimed ? [names.time] : [])];
    this.known = new Set(all);
    const twice = all.find((name, at) => all.indexOf(name) !== at);
    if (twice === undefined) return;
    const advice = 'give the other parts other names, as fields: { weight: "_weight" }';
    throw refused(["fields"], "a name for each part of a line", twice, `it is there twice; ${advice}`);
  }

  /** Writes a row, without what ends the line. A weight of 1 is left out. */
  write(key: unknown, value: unknown, weight: number, time: number | undefined): string {
    const line: Record<string, unknown> = {};
    putSide(line, this.key, key);
    putSide(line, this.value, value);
    if (this.time !== undefined) put(line, this.time, time);
    if (weight !== 1) put(line, this.weight, weight);
    return JSON.stringify(line);
  }

  /**
   * Reads a line.
   *
   * @param ignoresUnknown Whether fields of other names are passed over.
   * @throws `ZSPINE_INVALID_OPTIONS` with the path; `ZSPINE_DECODE` for bytes that the serializer refuses.
   */
  read(line: unknown, ignoresUnknown: boolean): LineRow {
    if (typeof line !== "object" || line === null || Array.isArray(line))
      throw misread([], "an object", line);
    const { key, value, weight, time } = this;
    if (!ignoresUnknown)
      for (const name of Object.keys(line)) if (!this.known.has(name)) throw unknownField(name, this.known);
    const given = line as Json;
    return {
      key: takeSide(given, key),
      value: takeSide(given, value),
      weight: own(given, weight),
      time: time === undefined ? undefined : own(given, time),
    };
  }
}

/** Reads the JSON of a line. @throws `ZSPINE_DECODE` for what is none. */
export function parseLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ZspineError("ZSPINE_DECODE", `not JSON: ${(cause as Error).message}`, { cause });
  }
}

function sideOf(shape: Shape, name: string, flat: boolean): Side {
  const json = jsonOfShape(shape);
  if (!flat || shape.kind !== "object") return { names: [name], isSpread: false, json };
  return { names: shape.fields.map((field) => field.name), isSpread: true, json };
}

function putSide(line: Record<string, unknown>, { names, isSpread, json }: Side, value: unknown): void {
  const given = json.toJson(value);
  if (!isSpread) {
    if (given !== undefined) put(line, names[0]!, given);
    return;
  }
  for (const name of Object.keys(given as Json)) put(line, name, (given as Json)[name]);
}

function takeSide(line: Json, { names, isSpread, json }: Side): unknown {
  if (!isSpread) return json.fromJson(own(line, names[0]!));
  const given: Record<string, unknown> = {};
  for (const name of names) if (Object.hasOwn(line, name)) put(given, name, line[name]);
  return json.fromJson(given);
}

function own(line: Json, name: string): unknown {
  return Object.hasOwn(line, name) ? line[name] : undefined;
}

function unknownField(name: string, known: ReadonlySet<string>): ZspineError {
  const message =
    `${name}: there is no such field here; known: ${quoteNames(known)}${didYouMean(name, [...known])}; ` +
    'import with { unknown: "ignore" } to pass over such fields';
  return new ZspineError("ZSPINE_INVALID_OPTIONS", message, { path: [name] });
}
