/**
 * Checks what must be so whatever a user does: an invariant of the engine. Cheap enough to stay on. What is said is
 * put together only when it does not hold.
 *
 * @throws `Error`, no `ZspineError`: there is no code, for no program can do anything about it but stop.
 */
export function check(holds: boolean, invariant: string, found?: () => string): asserts holds {
  if (holds) return;
  const details = found === undefined ? "" : `: ${found()}`;
  throw new Error(`zspine is at fault, an invariant is broken: ${invariant}${details}`);
}
