import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as db from "@tanstack/db";
import { createCollection, eq, createLiveQueryCollection } from "@tanstack/db";
import { persistedCollectionOptions } from "@tanstack/db-sqlite-persistence-core";
import { file } from "@zspine/backend-file";
import { openStore, type Store } from "@zspine/store";
import { describe, expect, it } from "vitest";
import { storePersistence } from "../../src/index.ts";

interface Todo {
  id: string;
  title: string;
  isDone: boolean;
}

function todosOf(store: Store, schemaVersion = 1) {
  return createCollection(
    persistedCollectionOptions<Todo, string>({
      id: "todos",
      getKey: ({ id }) => id,
      schemaVersion,
      persistence: storePersistence(store, { db }),
    }),
  );
}

describe("a collection of TanStack DB in a store", () => {
  it("O5 createCollection() has its rows in every process after the one that wrote them", async () => {
    const location = mkdtempSync(join(tmpdir(), "zspine-tanstack-"));
    try {
      {
        await using store = await openStore({ backend: file({ location }) });
        const todos = todosOf(store);
        await todos.stateWhenReady();
        await todos.insert({ id: "1", title: "one", isDone: false }).isPersisted.promise;
        await todos.insert({ id: "2", title: "two", isDone: false }).isPersisted.promise;
        await todos.update("2", (draft) => void (draft.isDone = true)).isPersisted.promise;
        await todos.delete("1").isPersisted.promise;
        await todos.cleanup();
      }
      await using store = await openStore({ backend: file({ location }) });
      const todos = todosOf(store);
      await todos.stateWhenReady();
      expect(todos.toArray).toEqual([expect.objectContaining({ id: "2", title: "two", isDone: true })]);
      const done = createLiveQueryCollection((query) =>
        query.from({ todo: todos }).where(({ todo }) => eq(todo.isDone, true)),
      );
      await done.preload();
      expect(done.size).toBe(1);
      await todos.insert({ id: "3", title: "three", isDone: true }).isPersisted.promise;
      expect(done.size).toBe(2);
      await done.cleanup();
      await todos.cleanup();
    } finally {
      rmSync(location, { recursive: true });
    }
  });
});
