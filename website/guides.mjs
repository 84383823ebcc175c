// @ts-check
// The guides in the order in which they are to be read. One that is missing here fails the build of the site.

/** @type {readonly { readonly title: string, readonly guides: readonly string[] }[]} */
export const GUIDES = [
  { title: "Begin", guides: ["getting-started", "concepts", "schemas"] },
  { title: "Read and write", guides: ["reading", "committing", "durability", "errors"] },
  {
    title: "Where state is",
    guides: [
      "backends",
      "runtimes",
      "object-storage",
      "readers",
      "browsers",
      "serializers",
      "larger-than-memory",
      "moving-data",
      "shards",
    ],
  },
  { title: "History", guides: ["time-travel", "keeping-history"] },
  {
    title: "Engines",
    guides: ["persistent-view", "incremental-operators", "serve-changes", "from-d2ts", "tanstack-db"],
  },
  { title: "In production", guides: ["command-line", "metrics", "performance"] },
  { title: "Plugins", guides: ["extending"] },
];
