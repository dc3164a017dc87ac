/** For tests: secrets, and that a server tells them nowhere. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { OtlpReceiver } from "./otlp-receiver.ts";
import type { RecordingProxy } from "./recording-proxy.ts";
import { assertNoComplaints } from "./request-record.ts";
import type { ServerProcess } from "./server-process.ts";
import { formatSpan } from "./span-text.ts";

/** Letters that no hexadecimal id has, so that nothing but the secret itself looks like it. */
export function createSecret(length: number): string {
  return Array.from(randomBytes(length), (byte) => "ghijklmnopqrstuvwxyz"[byte % 20]).join("");
}

/** A secret for each place, and the way to it. */
export function createSecrets<Place extends string>(places: readonly Place[]) {
  const secrets = new Map<string, string>(places.map((place) => [place, createSecret(18)]));
  return { secrets, secret: (place: Place): string => secrets.get(place) ?? "" };
}

interface Watched {
  /** Its log is expected at level debug. */
  readonly server: ServerProcess;
  /** Gets the spans by way of the proxy. */
  readonly receiver: OtlpReceiver;
  readonly proxy: RecordingProxy;
  /** The bodies of errors, and whatever else of the answers must not repeat anything. */
  readonly errorBodies: readonly string[];
}

/** Stops the server, and looks for each secret, named by where it was put, in all that it left. */
export async function assertNothingLeaked(
  secrets: ReadonlyMap<string, string>,
  { server, receiver, proxy, errorBodies }: Watched,
): Promise<void> {
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  assertNoComplaints(server.lines);
  const records = {
    "standard output": server.stdout,
    "standard error": server.stderr,
    "the log file": server.fileText,
    "the spans": receiver.spans.map(formatSpan).join("\n"),
    "the bytes of the exports": proxy.bytes.toString("latin1"),
    "the bodies of errors": errorBodies.join("\n"),
  };
  // That there is something to look through, and that it would be found.
  assert.ok(records["standard output"].includes("request.received"));
  assert.ok(records["the log file"].includes("request.received"));
  assert.ok(records["the spans"].includes("tokenize.input"));
  assert.ok(records["the bytes of the exports"].includes("tokenize.input"));
  assert.ok(records["the bodies of errors"].includes('"code":"'));
  for (const [place, sent] of secrets) {
    assert.ok(sent.length > 0, place);
    for (const [record, text] of Object.entries(records)) {
      assert.ok(!text.toLowerCase().includes(sent), `${record} has the secret of: ${place}`);
    }
  }
}
