/** Stands in a browser for `setMaxListeners` of `node:events`, which quiets a warning that browsers do not give. */
export function setMaxListeners(): void {}
