/**
 * A module of the runtime itself, such as `node:zlib`; `undefined` where there is none, as in browsers. Asked for in this way,
 * for an import would have to be there: Node from 20.16, Deno and Bun answer.
 */
export function builtinModule<T>(name: string): T | undefined {
  const { process } = globalThis as {
    readonly process?: { readonly getBuiltinModule?: (name: string) => unknown };
  };
  return process?.getBuiltinModule?.(name) as T | undefined;
}
