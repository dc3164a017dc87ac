/** What came back for a request. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of X-Trace-Id; empty without one. */
  readonly traceId: string;
}

/** Sends a body as JSON, or as it is when it is text, and reads the answer to its end. */
export async function postJson(
  url: string,
  body: object | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return {
    status: response.status,
    headers: response.headers,
    text: await response.text(),
    traceId: response.headers.get("x-trace-id") ?? "",
  };
}
