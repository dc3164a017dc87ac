import type { IncomingMessage, ServerResponse } from "node:http";
import { sendText } from "../http-listener.ts";

const exportPath = "/export/parquet";

/** Writes the files and tells of each. */
export type WriteFiles = (options: {
  readonly sinceNs: bigint | null;
  readonly onFile: (file: object) => void;
  readonly signal: AbortSignal;
}) => Promise<unknown>;

/**
 * `POST /export/parquet?since_ns=…` has the store write Parquet files into its own folder, from which
 * the caller takes them: the caller is on this machine, and a page of the web is refused before it
 * comes here. Answers a line of JSON for each file, and last `{"done":true}` or `{"error":"…"}`.
 */
export class ExportEndpoint {
  readonly #write: WriteFiles;
  readonly #onFailed: (error: unknown) => void;
  #isBusy = false;

  /** Whether it is this that a path names. */
  static isAt(path: string): boolean {
    return path === exportPath;
  }

  constructor(write: WriteFiles, onFailed: (error: unknown) => void) {
    this.#write = write;
    this.#onFailed = onFailed;
  }

  async answer(request: IncomingMessage, response: ServerResponse, query: string): Promise<void> {
    if (request.method !== "POST") {
      response.setHeader("allow", "POST");
      sendText(response, 405, "An export writes files: use POST.");
      return;
    }
    const since = new URLSearchParams(query).get("since_ns");
    if (since !== null && !/^\d{1,19}$/.test(since)) {
      sendText(response, 400, "since_ns is a time in nanoseconds since 1970.");
      return;
    }
    if (this.#isBusy) {
      response.setHeader("retry-after", "10");
      sendText(response, 429, "Another export is being written. Ask again when it is done.");
      return;
    }
    this.#isBusy = true;
    try {
      await this.#stream(response, since === null ? null : BigInt(since));
    } finally {
      this.#isBusy = false;
    }
  }

  async #stream(response: ServerResponse, sinceNs: bigint | null): Promise<void> {
    const left = new AbortController();
    response.on("close", () => left.abort());
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    const say = (line: object) => response.write(`${JSON.stringify(line)}\n`);
    try {
      await this.#write({ sinceNs, onFile: say, signal: left.signal });
      say({ done: true });
    } catch (error) {
      if (!left.signal.aborted) {
        this.#onFailed(error);
        say({ error: error instanceof Error ? error.message : String(error) });
      }
    }
    response.end();
  }
}
