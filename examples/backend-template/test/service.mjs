// A service to test with: it keeps what it was given for as long as the process lives, and answers later.

export function makeService() {
  const content = new Map();
  const locks = new Set();
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return {
    async get(key) {
      await turn();
      return content.get(key);
    },
    async put(key, bytes) {
      await turn();
      content.set(key, bytes);
    },
    async delete(key) {
      await turn();
      content.delete(key);
    },
    async keys(prefix) {
      await turn();
      return [...content.keys()].filter((key) => key.startsWith(prefix));
    },
    async lock(key) {
      await turn();
      if (locks.has(key)) return undefined;
      locks.add(key);
      return async () => {
        locks.delete(key);
      };
    },
  };
}
