import { createHash } from "node:crypto";
import type { Span, Value } from "#contract";
import { sampleSpan } from "../../testing/sample-span.ts";
import { withEngine } from "./oracle/engine-with-spans.ts";

/** A trace of one span, with its name and some of its attributes. */
export function loneSpan(
  name: string,
  attributes: Readonly<Record<string, Value>>,
  changes: Partial<Span> = {},
): Span {
  const id = createHash("sha256").update(name).digest("hex").slice(0, 16);
  return sampleSpan({
    traceId: id.padStart(32, "a"),
    spanId: id,
    name,
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value })),
    ...changes,
  });
}

/** The names of the spans that each query finds, sorted. */
export async function foundNames(
  spans: readonly Span[],
  queries: readonly string[],
): Promise<Record<string, string[]>> {
  const options = { startNs: null, endNs: null, limit: 1_000, spansPerSpanset: 1_000 };
  const byId = new Map(spans.map(({ traceId, spanId, name }) => [`${traceId} ${spanId}`, name]));
  const found: Record<string, string[]> = {};
  await withEngine(spans, async (engine) => {
    for (const query of queries) {
      const traces = await engine.search(query, options);
      found[query] = traces
        .flatMap(({ traceId, spansets }) =>
          spansets.flatMap((one) => one.spans.map(({ spanId }) => `${traceId} ${spanId}`)),
        )
        .map((id) => byId.get(id) ?? id)
        .sort();
    }
  });
  return found;
}
