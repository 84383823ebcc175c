/** An answer of the fake service. */
export interface FakeAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

/** Makes an answer that refuses a request, as S3 does. */
export function failure(status: number, code: string, message: string): FakeAnswer {
  const xml = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${xmlText(message)}</Message></Error>`;
  return { status, headers: { "content-type": "application/xml" }, body: new TextEncoder().encode(xml) };
}

/** Makes an answer that tells of success. */
export function success(
  headers: Record<string, string> = {},
  body: Uint8Array = new Uint8Array(0),
): FakeAnswer {
  return { status: 200, headers, body };
}

/** A text as XML has it. */
export function xmlText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
