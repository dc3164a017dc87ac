import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { patienceMs } from "./patience.ts";

/** An answer as it was on the wire. */
export interface RawAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A bare connection, for requests that no HTTP client would send. */
export class RawConnection {
  readonly socket: Socket;
  /** Everything that came back so far. */
  received = "";
  #isClosed = false;

  private constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.setEncoding("utf8").on("data", (text: string) => {
      this.received += text;
    });
    // A server that resets the connection is one of the answers that a test looks for.
    this.socket.on("error", () => undefined);
    this.socket.on("close", () => {
      this.#isClosed = true;
    });
  }

  static async open(port: number): Promise<RawConnection> {
    const connection = new RawConnection(port);
    await new Promise((resolve, reject) => {
      connection.socket.once("connect", resolve);
      connection.socket.once("error", reject);
    });
    return connection;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  write(text: string): void {
    this.socket.write(text);
  }

  /** Waits until something has come back. @throws Error with all that came, after the limit. */
  async waitFor(what: string, isThere: (received: string) => boolean): Promise<void> {
    await this.#waitUntil(what, () => isThere(this.received));
  }

  /** Waits until the server has closed the connection. @throws Error after the limit. */
  async closed(): Promise<void> {
    await this.#waitUntil("the end of the connection", () => this.#isClosed);
  }

  /** Leaves, as a client does that was killed. */
  destroy(): void {
    this.socket.destroy();
  }

  async #waitUntil(what: string, isSo: () => boolean): Promise<void> {
    for (const giveUpAt = performance.now() + patienceMs; !isSo(); await delay(5)) {
      const seen = `${this.received.slice(0, 2000)} (closed: ${this.#isClosed})`;
      assert.ok(performance.now() < giveUpAt, `Waited ${patienceMs} ms for ${what}: ${seen}`);
    }
  }
}

/** Sends text on a connection of its own and returns what comes back until the server closes it. */
export async function converse(port: number, text: string): Promise<string> {
  const connection = await RawConnection.open(port);
  try {
    connection.write(text);
    await connection.closed();
    return connection.received;
  } finally {
    connection.destroy();
  }
}

/** The text of a request with a JSON body, its length declared. */
export function rawPost(
  route: string,
  body: object | string,
  headers: Readonly<Record<string, string>> = {},
): string {
  const content = typeof body === "string" ? body : JSON.stringify(body);
  const all = {
    host: "localhost",
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(content)),
    connection: "close",
    ...headers,
  };
  return rawRequest("POST", route, all) + content;
}

/** The head of a request, with the empty line behind it. */
export function rawRequest(
  method: string,
  target: string,
  headers: Readonly<Record<string, string>> = { host: "localhost", connection: "close" },
): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${target} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}

/** Reads the first answer in what came back. */
export function parseAnswer(received: string): RawAnswer {
  const [head = "", ...rest] = received.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const [, status = ""] = /^HTTP\/1\.1 (\d{3}) /.exec(statusLine) ?? [];
  assert.notEqual(status, "", `No answer: ${JSON.stringify(received.slice(0, 200))}`);
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(status), headers, body: rest.join("\r\n\r\n") };
}
