import type { Table } from "./table.ts";
import type { Repertoire } from "./work.ts";

/** What each contestant of JavaScript can do. Only what is asked for is loaded: a peer may not be there. */
export const repertoires: Readonly<Record<string, () => Promise<Repertoire>>> = {
  async zspine() {
    const [
      { bulkWorks },
      { stepWorks },
      { fillTrace },
      { stateWorks },
      { diskWorks },
      durable,
      { fileStore },
      { bytesWork },
    ] = await Promise.all([
      import("./bulk-works.ts"),
      import("./step-works.ts"),
      import("./zspine-table.ts"),
      import("./state-works.ts"),
      import("./disk-works.ts"),
      import("./durable-works.ts"),
      import("./zspine-durable.ts"),
      import("./bytes-work.ts"),
    ]);
    return {
      ...bulkWorks,
      ...stepWorks(fillTrace),
      ...stateWorks,
      ...diskWorks,
      ...durable.durableWorks(fileStore),
      bytes: bytesWork(fillTrace),
    };
  },
  async "zspine-level"() {
    const [{ durableWorks }, { levelStore }] = await Promise.all([
      import("./durable-works.ts"),
      import("./zspine-durable.ts"),
    ]);
    return durableWorks(levelStore);
  },
  map: () => inMemory("map"),
  "db-ivm": () => inMemory("db-ivm"),
  d2ts: () => inMemory("d2ts"),
  "classic-level": () => onDisk("classicLevel"),
  lmdb: () => onDisk("lmdb"),
  async sqlite() {
    const [works, { stepWorks }, { IN_MEMORY, sqlite }] = await Promise.all([
      onDisk("sqlite"),
      import("./step-works.ts"),
      import("./entry-stores.ts"),
    ]);
    const { range } = stepWorks(async (workload): Promise<Table> => {
      const table = await sqlite.open(workload, IN_MEMORY);
      await table.commit(workload.rows);
      return { ...unasked, range: (key) => table.range(key) as number, close: () => table.close() };
    });
    return { ...works, range: range! };
  },
};

/** A table in SQLite's memory is asked for ranges only. */
const unasked = { add: refuse, get: refuse, join: refuse, scan: refuse };

function refuse(): never {
  throw new Error("SQLite in memory is asked for ranges only");
}

async function inMemory(name: "map" | "db-ivm" | "d2ts"): Promise<Repertoire> {
  const [{ stepWorks }, { bytesWork }, { fillMap }, { fillDbIvm, fillD2ts }] = await Promise.all([
    import("./step-works.ts"),
    import("./bytes-work.ts"),
    import("./map-table.ts"),
    import("./index-tables.ts"),
  ]);
  const fill = { map: fillMap, "db-ivm": fillDbIvm, d2ts: fillD2ts }[name];
  return { ...stepWorks(fill), bytes: bytesWork(fill) };
}

async function onDisk(name: "classicLevel" | "lmdb" | "sqlite"): Promise<Repertoire> {
  const [{ durableWorks }, stores] = await Promise.all([
    import("./durable-works.ts"),
    import("./entry-stores.ts"),
  ]);
  return durableWorks(stores[name]);
}
