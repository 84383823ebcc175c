import { nodeMedium, type Medium } from "@zspine/location";

/** A call of a medium. */
export interface MediumCall {
  readonly method: keyof Medium;
  readonly args: readonly unknown[];
}

type AnyCall = (...args: unknown[]) => Promise<unknown>;

/** The file system, every call of which but `openToReadSync` goes through `hook`. */
export function watchedMedium(
  hook: (call: MediumCall, proceed: () => Promise<unknown>) => Promise<unknown>,
): Medium {
  const methods = Object.entries(nodeMedium).map(([name, call]) => {
    const method = name as keyof Medium;
    if (method === "openToReadSync") return [name, call];
    return [name, (...args: unknown[]) => hook({ method, args }, () => (call as AnyCall)(...args))];
  });
  return Object.fromEntries(methods) as Medium;
}

/** An error as the operating system gives it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}
