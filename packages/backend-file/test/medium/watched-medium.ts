import { nodeMedium, type Medium, type WritableFile } from "@zspine/location";

/** A call of a medium, or of a file that it has opened to be written: its path comes first then. */
export interface MediumCall {
  readonly method: keyof Medium | "write" | "syncData";
  readonly args: readonly unknown[];
}

type AnyCall = (...args: unknown[]) => Promise<unknown>;

/** The file system, every call of which but `openToReadSync` goes through `hook`. */
export function watchedMedium(
  hook: (call: MediumCall, proceed: () => Promise<unknown>) => Promise<unknown>,
): Medium {
  const openToWrite = async (path: unknown): Promise<WritableFile> => {
    const file = await nodeMedium.openToWrite(path as string);
    const call = (method: "write" | "syncData", args: unknown[], proceed: () => Promise<void>) =>
      hook({ method, args: [path, ...args] }, proceed) as Promise<void>;
    return {
      write: (bytes, position) => call("write", [bytes, position], () => file.write(bytes, position)),
      syncData: () => call("syncData", [], () => file.syncData()),
      close: () => file.close(),
    };
  };
  const methods = Object.entries(nodeMedium).map(([name, call]) => {
    const method = name as keyof Medium;
    if (method === "openToReadSync") return [name, call];
    const proceed = method === "openToWrite" ? openToWrite : (call as AnyCall);
    return [name, (...args: unknown[]) => hook({ method, args }, () => proceed(...args))];
  });
  return Object.fromEntries(methods) as Medium;
}

/** An error as the operating system gives it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}
