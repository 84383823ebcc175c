import { quote } from "@zspine/core";
import type { Store } from "@zspine/store";
import { FailedError, onCommandLine } from "../console/failure.ts";
import type { Terminal } from "../console/terminal.ts";
import type { Place } from "./place.ts";
import { openPlace } from "./stored-traces.ts";

/** How commands that only read go about a newest commit that is damaged. */
export interface RecoverOption {
  /** `previous` to read the commit before it; by default it is refused. */
  readonly recover?: "previous" | undefined;
}

/**
 * Opens the store of a place to be read only, and tells where it is not at its newest commit.
 *
 * @throws (rejects with) `FailedError` where nothing was ever committed; as `openStore()`.
 */
export async function openToRead(
  terminal: Terminal,
  place: Place,
  { recover }: RecoverOption,
): Promise<Store> {
  const store = await openPlace(place, { readOnly: true, recover });
  const { head, passedOver, problems } = store.recovery;
  if (passedOver !== undefined) {
    for (const problem of problems) terminal.tell(onCommandLine(problem));
    terminal.tell(
      `the newest head, ${passedOver}, cannot be used, and was passed over: what is read is commit ${store.token}`,
    );
    return store;
  }
  if (head > 0) return store;
  await store.close();
  throw new FailedError(
    `there is no store at ${quote(place.path)}: nothing was ever committed there, as where a copy has failed; check the path, or make the copy again`,
  );
}
