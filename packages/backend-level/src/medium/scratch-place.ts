import type { Database } from "../database/database.ts";
import type { Place } from "./medium.ts";

/**
 * A place of which nothing is synced, and no head noted. Its heads are created as if they were synced, so that those
 * before them go, as of a place that lasts.
 */
export function unsyncedPlace(place: Place): Place {
  return {
    location: place.location,
    newestHead: 0,
    openDatabase: async () => unsyncedDatabase(await place.openDatabase()),
    checkRoom: () => place.checkRoom(),
    syncWritten: async () => undefined,
    noteHead: () => undefined,
    close: () => place.close(),
  };
}

function unsyncedDatabase(database: Database): Database {
  return { ...database, batch: (operations) => database.batch(operations, false) };
}
