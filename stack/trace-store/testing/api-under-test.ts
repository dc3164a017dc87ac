import type { TestContext } from "node:test";
import type { Span } from "#contract";
import { miniserve } from "#miniserve";
import { temporaryDirectory } from "../../../tests/support/temporary-directory.ts";
import { type ApiLimits, defaultLimits, startTempoApi } from "../api/index.ts";
import { openStore, type Store } from "../store/index.ts";
import { createTraceqlEngine, type TraceqlEngine } from "../traceql/index.ts";
import { sampleSpan } from "./sample-span.ts";
import { type HttpAnswer, send } from "./send.ts";

/** When the traces of `createTrace` begin, in Unix seconds. */
export const startS = 1_763_800_000;

/** A root and a child with 0, 1 or 2 tokens, 10 s after the trace with the number before. */
export function createTrace(number: number): Span[] {
  const traceId = number.toString(16).padStart(32, "0");
  const startTimeUnixNano = BigInt(startS + number * 10) * 1_000_000_000n;
  const times = { startTimeUnixNano, endTimeUnixNano: startTimeUnixNano + 1_500_000_000n };
  const id = (index: number) => (number * 16 + index).toString(16).padStart(16, "0");
  const tokens = {
    key: "llm.tokens.out",
    value: { type: "int", value: BigInt(number % 3) },
  } as const;
  return [
    sampleSpan({ ...times, traceId, spanId: id(1), name: "http.handler", kind: "server" }),
    sampleSpan({ ...times, traceId, spanId: id(2), parentSpanId: id(1), attributes: [tokens] }),
  ];
}

export type Ask = (
  path: string,
  parameters?: Record<string, string>,
  headers?: Record<string, string>,
) => Promise<HttpAnswer & { readonly text: string }>;

export interface ApiUnderTest {
  readonly ask: Ask;
  readonly port: number;
  /** What the API reported of the store's failures. */
  readonly failures: unknown[];
}

/** The API over a store with these spans. A failure of the store fails the test. */
export async function startApiUnderTest(
  context: TestContext,
  spans: readonly Span[],
  {
    limits = {},
    memoryLimitMebibytes,
    createEngine = createTraceqlEngine,
  }: {
    readonly limits?: Partial<ApiLimits>;
    readonly memoryLimitMebibytes?: number;
    readonly createEngine?: (store: Store) => TraceqlEngine;
  } = {},
): Promise<ApiUnderTest> {
  const store = await openStore([miniserve], {
    directory: temporaryDirectory(),
    ...(memoryLimitMebibytes === undefined ? {} : { memoryLimitMebibytes }),
  });
  if (spans.length > 0) {
    await store.append(spans);
  }
  const failures: unknown[] = [];
  const api = await startTempoApi({
    hosts: ["127.0.0.1"],
    port: 0,
    store,
    engine: createEngine(store),
    limits: { ...defaultLimits, ...limits },
    version: "0",
    ingestCounts: () => undefined,
    onReadFailed: (error) => failures.push(error),
  });
  context.after(async () => {
    await api.close(100);
    await store.close();
    context.assert.deepStrictEqual(failures, []);
  });
  const ask: Ask = async (path, parameters = {}, headers = {}) => {
    const query = new URLSearchParams(parameters);
    const answer = await send({ port: api.port, path: `${path}?${query}`, headers });
    return { ...answer, text: answer.body.toString() };
  };
  return { ask, port: api.port, failures };
}
