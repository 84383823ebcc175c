import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { startS3Server } from "../../../../packages/backend-s3/test/service/s3-server.ts";
import { bundledShards, killShards, SEED } from "./killed-shards.ts";

const shardsOf = bundledShards();

it(`shards read as of each step what one store says, over files, while many processes are killed with -9 (seed ${SEED})`, async () => {
  const { folder, program } = shardsOf();
  await killShards(program, join(folder, "files"), { shards: 4, steps: 15 });
});

it(`shards read as of each step what one store says, over object storage, while processes are killed with -9 (seed ${SEED})`, async () => {
  const { program } = shardsOf();
  const server = await startS3Server();
  for (const [name, value] of Object.entries(server.env)) vi.stubEnv(name, value);
  try {
    const state = `s3://${server.bucket}/shards`;
    await killShards(program, state, { shards: 2, steps: 5 });
    expect([...server.fake.objects.keys()].some((key) => key.startsWith("shards/s1/"))).toBe(false);
  } finally {
    vi.unstubAllEnvs();
    await server.close();
  }
});
