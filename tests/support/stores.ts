/** For tests: stores to send spans to and to ask, our own and a real one. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { type Contract, type Span, writeResourceSpans } from "#contract";
import { miniserve } from "#miniserve";
import { startEmbeddedStack } from "../../stack/trace-store/index.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const { TEMPO_URL, TEMPO_OTLP } = process.env;

/** A Tempo to ask as well: its API, and where it takes OTLP over HTTP. */
export const tempo: Store = { api: TEMPO_URL ?? "", otlp: TEMPO_OTLP ?? "" };

export const skipWithoutTempo =
  TEMPO_URL && TEMPO_OTLP ? false : "set TEMPO_URL and TEMPO_OTLP to ask a real Tempo 3.0.3";

/** Until spans of a Tempo with short limits are found by searches. */
export const settleMs = 3_000;

export interface Store {
  readonly api: string;
  readonly otlp: string;
}

export async function embeddedStore(
  t: TestContext,
  contract: Contract = miniserve,
): Promise<Store> {
  const stack = await startEmbeddedStack([contract], {
    dataDirectory: temporaryDirectory(),
    ports: { tempo: 0, otlpGrpc: 0, otlpHttp: 0 },
    hosts: ["127.0.0.1"],
  });
  t.after(() => stack.close());
  const { tempo, otlpHttp } = stack.ports;
  return { api: `http://127.0.0.1:${tempo}`, otlp: `http://127.0.0.1:${otlpHttp}` };
}

export async function send({ otlp }: Store, spans: readonly Span[]): Promise<void> {
  const answer = await fetch(`${otlp}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ resourceSpans: writeResourceSpans(spans, "otlp") }),
  });
  assert.equal(answer.status, 200, await answer.text());
}
