import { get } from "node:http";

export interface ProbeAnswer {
  readonly status: number;
  /** The body when it is a JSON object, else an empty one. */
  readonly body: Readonly<Record<string, unknown>>;
}

const longestBody = 65_536;

/**
 * Asks an address once, on a connection of its own: a kept one would still be open when the process
 * at the other end wants to stop. Undefined when nothing answers within the limit.
 */
export function probe(url: string, limitMs = 1000): Promise<ProbeAnswer | undefined> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, signal: AbortSignal.timeout(limitMs) }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += text.length < longestBody ? chunk : "";
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: parse(text) }));
      response.on("error", () => resolve(undefined));
    });
    request.on("error", () => resolve(undefined));
  });
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === "object" && document !== null ? { ...document } : {};
  } catch {
    return {};
  }
}
