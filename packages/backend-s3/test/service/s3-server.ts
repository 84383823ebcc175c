import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { FakeS3 } from "@zspine/backend-s3/fake";

/** A service on loopback that speaks S3, for processes of their own. */
export interface S3Server {
  /** What a process is given to reach it. */
  readonly env: Readonly<Record<string, string>>;
  readonly bucket: string;
  readonly fake: FakeS3;
  close(): Promise<void>;
}

/** Starts one with nothing in it. */
export async function startS3Server(): Promise<S3Server> {
  const fake = new FakeS3();
  const { bucket, credentials } = fake.options;
  const server = createServer((request, response) => {
    void serve(fake, origin(server), request).then(({ status, headers, bytes }) => {
      response.writeHead(status, headers).end(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const env = {
    AWS_ENDPOINT_URL: origin(server),
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: "us-east-1",
  };
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { env, bucket, fake, close };
}

function origin(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function serve(
  fake: FakeS3,
  host: string,
  request: IncomingMessage,
): Promise<{ status: number; headers: Record<string, string>; bytes: Uint8Array }> {
  const parts: Uint8Array[] = [];
  for await (const part of request) parts.push(part as Uint8Array);
  const given = Object.entries(request.headers).filter(([name]) =>
    /^(authorization|if-|range|x-amz-|content-)/.test(name),
  );
  const answer = await fake.options.fetch(`${host}${request.url}`, {
    method: request.method!,
    headers: Object.fromEntries(given) as Record<string, string>,
    ...(parts.length > 0 && { body: new Uint8Array(Buffer.concat(parts)) }),
    signal: AbortSignal.timeout(60_000),
  });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const headers: Record<string, string> = {};
  for (const name of ["content-length", "content-type", "content-range", "date", "etag", "retry-after"]) {
    const value = answer.headers.get(name);
    if (value !== null && value !== undefined) headers[name] = value;
  }
  return { status: answer.status, headers, bytes };
}
