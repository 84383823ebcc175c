/** A request, as `fetch` takes it. */
export interface HttpRequest {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: Uint8Array;
  readonly signal: AbortSignal;
}

/** What is asked of the answer of `fetch`. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** What of `fetch` is needed: the runtime's own is one, and so is that of a fake service. */
export type Fetch = (url: string, request: HttpRequest) => Promise<HttpResponse>;
