import { quote, refused, type Backend, type BackendByName, type BackendOpener } from "@zspine/core";

const PATH = ["hybrid", "cold"];
const EXPECTED = "a backend to spill to, such as file({ location: … })";

/** Backends that nothing can be spilled to, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  memory: "what is spilled there stays in memory; take a backend over a disk, or memory() alone",
  hybrid: "it has a budget already; give it as it is, or share its budget: hybrid({ cold, budget })",
};

/**
 * The backend that the option `cold` is, or names.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` with what to write instead; what `byName` throws.
 */
export function coldBackend(given: unknown, byName: BackendByName | undefined): Backend | BackendOpener {
  const cold = isBackend(given) ? given : named(given, byName);
  if (Object.hasOwn(REFUSED, cold.type))
    throw refused(PATH, EXPECTED, `the backend ${cold.type}`, REFUSED[cold.type]);
  return cold;
}

function named(given: unknown, byName: BackendByName | undefined): Backend | BackendOpener {
  if (given === undefined) {
    const advice =
      'there is no default, for a temporary directory may be memory too: write cold: file({ location: "./data" })';
    throw refused(PATH, EXPECTED, given, `${advice}, with file of @zspine/backend-file`);
  }
  if (typeof given === "function") {
    const call = (given as { type?: unknown }).type ?? "file";
    throw refused(
      PATH,
      EXPECTED,
      given,
      `a plugin has to be called: write cold: ${String(call)}({ location: … })`,
    );
  }
  if (given instanceof Promise) throw refused(PATH, EXPECTED, given, "wait for it: cold: await …");
  if (typeof given === "string" && /^[.~]|[/\\]/.test(given))
    throw refused(PATH, EXPECTED, given, `for a directory write cold: file({ location: ${quote(given)} })`);
  const type = typeof given === "string" ? given : (given as { type?: unknown } | null)?.type;
  if (typeof type !== "string") throw refused(PATH, EXPECTED, given);
  if (byName !== undefined) return byName(given as string | { type: string });
  const advice = `a name needs a registry: createRegistry([hybrid, ${type}]) beside { type: "hybrid", cold: … }`;
  throw refused(PATH, EXPECTED, type, `${advice}; or write cold: ${type}({ location: … })`);
}

/** Whether it is still to be opened. */
export function isOpener(backend: Backend | BackendOpener): backend is BackendOpener {
  return "open" in backend;
}

function isBackend(given: unknown): given is Backend | BackendOpener {
  return hasMethods(given, ["open", "drop"]) || hasMethods(given, ["get", "write", "readHead", "createHead"]);
}

function hasMethods(given: unknown, names: readonly string[]): boolean {
  if (typeof given !== "object" || given === null) return false;
  return names.every((name) => typeof (given as Record<string, unknown>)[name] === "function");
}
