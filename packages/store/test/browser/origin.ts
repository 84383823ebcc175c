import { cdp } from "vitest/browser";

const { send } = {
  send: (method: string, params: object): Promise<unknown> =>
    (cdp() as unknown as { send(method: string, params: object): Promise<unknown> }).send(method, params),
};
const { location, navigator } = globalThis as unknown as {
  readonly location: { readonly origin: string };
  readonly navigator: {
    readonly storage: { estimate(): Promise<{ readonly usage: number; readonly quota: number }> };
  };
};

/** Lets the origin of the tests have some bytes more than it has; without `moreBytes` as many as before. */
export async function limitQuota(moreBytes?: number): Promise<void> {
  const { origin } = location;
  if (moreBytes === undefined) {
    await send("Storage.overrideQuotaForOrigin", { origin });
    return;
  }
  const { usage } = await navigator.storage.estimate();
  await send("Storage.overrideQuotaForOrigin", { origin, quotaSize: usage + moreBytes });
}

/** Removes all that the origin of the tests has stored, as a browser does when its user asks for it. */
export async function clearOrigin(): Promise<void> {
  await send("Storage.clearDataForOrigin", { origin: location.origin, storageTypes: "all" });
}
