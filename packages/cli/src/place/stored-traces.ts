import { quote, type Schema, type Serializer } from "@zspine/core";
import { cbor } from "@zspine/serializer-cbor";
import { msgpack } from "@zspine/serializer-msgpack";
import { openStore, type Store, type Trace, type TraceDescription } from "@zspine/store";
import { temporalTrace, TemporalTrace } from "@zspine/temporal";
import { z } from "zod";
import { FailedError, UsageError } from "../console/failure.ts";
import { parseSchemas, type NamedSerializer, type ParsedSchemas } from "../schema/schema-parser.ts";
import type { Place } from "./place.ts";

/** A trace of whatever rows. */
export type AnyTrace = Trace<unknown, unknown> | TemporalTrace<unknown, unknown>;

/** Traces that packages keep for themselves, which nobody means who names none. */
const OWN = /^(data|operators|d2ts)\//;

const SERIALIZERS: readonly (() => Serializer)[] = [() => msgpack(), () => cbor()];

/** How the store of a place is opened. */
interface OpenOptions {
  readonly readOnly: boolean;
  /** Schemas of a trace that is to be made. */
  readonly more?: ParsedSchemas | undefined;
  /** `previous` to go back to the commit before one that is damaged. */
  readonly recover?: "previous" | undefined;
}

/**
 * Opens the store of a place, with the serializer that its traces were written by: fingerprints name it.
 */
export async function openPlace({ opener }: Place, { readOnly, more, recover }: OpenOptions): Promise<Store> {
  const store = await openStore({ backend: opener, readOnly, recover });
  let named: readonly NamedSerializer[];
  try {
    named = [
      ...(more?.serializers ?? []),
      ...store.traces.flatMap((name) => parseSchemas(store.describe(name).fingerprint).serializers),
    ];
  } catch (error) {
    await store.close();
    throw error;
  }
  if (named.length === 0) return store;
  await store.close();
  return openStore({ backend: opener, readOnly, recover, serializer: serializerOf(named[0]!) });
}

function serializerOf({ name, id }: NamedSerializer): Serializer {
  const known = SERIALIZERS.map((make) => make());
  const found = known.find((serializer) => serializer.name === name && serializer.id === id);
  if (found !== undefined) return found;
  const list = known.map((serializer) => `${serializer.name} (${serializer.id})`).join(" and ");
  throw new FailedError(
    `values are encoded by the serializer ${quote(name)} (${id}), and known here are ${list}; read it by the program that wrote it`,
  );
}

/** Describes the trace of a name, or, where none is given, the only one that there is. */
export function chooseTrace(store: Store, name: string | undefined): TraceDescription {
  if (name !== undefined) return store.describe(name);
  const names = store.traces.filter((known) => !OWN.test(known));
  if (names.length === 1) return store.describe(names[0]!);
  if (names.length === 0) throw new FailedError("the store holds no traces: nothing was committed to it yet");
  throw new UsageError(
    `the store holds several traces; say which, by --trace NAME: ${names.map((known) => quote(known)).join(", ")}`,
  );
}

/** Opens a trace that is there, whatever its kind, by the schemas that its fingerprint tells. */
export async function openStored(store: Store, description: TraceDescription): Promise<AnyTrace> {
  const { name, kind, fingerprint } = description;
  const schemas = parseSchemas(fingerprint);
  if (kind === undefined) return openTrace(store, name, schemas, false);
  if (kind === "temporal") return openTrace(store, name, withoutTime(schemas), true);
  throw new FailedError(
    `trace ${quote(name)} is a ${kind} trace, which this version does not know; read it by the program that wrote it`,
  );
}

/** Opens a trace by schemas, making it where there is none. */
export async function openTrace(
  store: Store,
  name: string,
  { key, value = z.undefined() }: ParsedSchemas,
  isTemporal: boolean,
  create = false,
): Promise<AnyTrace> {
  const options = { key, value, create };
  const trace = isTemporal ? await temporalTrace(store, name, options) : await store.trace(name, options);
  return trace as AnyTrace;
}

/** The schemas of the rows of a temporal trace, of those of what is stored. */
function withoutTime(schemas: ParsedSchemas): ParsedSchemas {
  const { shape } = (schemas.value as z.ZodObject).def;
  return { ...schemas, value: shape["value"] as Schema };
}

/** @throws `UsageError` for a trace without times. */
export function checkTemporal(trace: AnyTrace, command: string): TemporalTrace<unknown, unknown> {
  if (trace instanceof TemporalTrace) return trace;
  throw new UsageError(
    `trace ${quote(trace.name)} has no times, and ${command} is for those that have: see zspine scan`,
  );
}
