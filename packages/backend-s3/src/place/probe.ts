import { quote, ZspineError } from "@zspine/core";
import type { Bucket } from "../client/bucket.ts";
import { PROBES } from "../layout/keys.ts";

const CONTENDERS = 32;

/**
 * Finds out whether a service creates objects if they are absent, one for one of many: it is asked to create one that is not
 * there, to refuse the same again, through every endpoint, and then 32 at once, spread over all endpoints, to choose one.
 * Documents of services say little of it, and some of those that take the header do not heed it. Takes some 40 requests.
 *
 * @param id No other probe has it.
 * @throws (rejects with) `ZSPINE_NOT_SUPPORTED` when it does not; then nothing has been written but what is removed again.
 */
export async function probeConditions(bucket: Bucket, id: string, where: string): Promise<void> {
  const what = `finding out whether ${where} creates objects if they are absent`;
  const [one, raced] = [`${PROBES}${id}-one`, `${PROBES}${id}-race`];
  const endpoints = Array.from({ length: bucket.client.endpoints }, (_, at) => at);
  const create = async (key: string, text: string, endpoint: number): Promise<boolean> => {
    const { isCreated, mayBeOwn } = await bucket.create(key, new TextEncoder().encode(text), what, {
      endpoint,
    });
    return isCreated || (mayBeOwn && (await isOwn(bucket, key, text, what)));
  };
  try {
    if (!(await create(one, "first", 0)))
      throw unfit(where, "it refuses to create an object that is not there");
    for (const endpoint of endpoints) {
      const isRefused = !(await create(one, `again ${endpoint}`, endpoint));
      if (!isRefused || !(await isOwn(bucket, one, "first", what)))
        throw unfit(where, "it takes no notice of If-None-Match, and overwrites what is there");
    }
    const outcomes = await Promise.all(
      Array.from({ length: CONTENDERS }, (_, at) => create(raced, `contender ${at}`, at % endpoints.length)),
    );
    const winners = outcomes.filter(Boolean).length;
    if (winners !== 1)
      throw unfit(
        where,
        `of ${CONTENDERS} that create one object at once ${winners} are told that they have`,
      );
    if (!(await isOwn(bucket, raced, `contender ${outcomes.indexOf(true)}`, what)))
      throw unfit(where, "of those that create one object at once, it keeps another's than it tells");
  } finally {
    await bucket.remove([one, raced], what).catch(() => undefined);
  }
}

async function isOwn(bucket: Bucket, key: string, text: string, what: string): Promise<boolean> {
  const found = await bucket.get(key, what);
  return found !== undefined && new TextDecoder().decode(found.bytes) === text;
}

function unfit(where: string, found: string): ZspineError {
  return new ZspineError(
    "ZSPINE_NOT_SUPPORTED",
    `${where} cannot hold a store that several may write to: ${found} (${quote("If-None-Match: *")}); update the service, or take ` +
      "one that the guide on object storage names",
  );
}
