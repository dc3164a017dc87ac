import type { Span } from "#contract";
import { printLiteral } from "#traceql";
import { StackError } from "../command/stack-error.ts";
import { fetchTrace } from "./tempo-client.ts";
import { searchTempo, type TempoFoundTrace } from "./tempo-query.ts";

/** A stored trace with all its spans, also those of other services. */
export interface RecentTrace {
  readonly traceId: string;
  readonly spans: readonly Span[];
}

export interface RecentTraceOptions {
  /** The name of a service: traces in which it has a span. */
  readonly service: string;
  /** How far back to look from now. */
  readonly sinceMs: number;
  /** Traces. */
  readonly limit: number;
  /**
   * Into how many parts the time is split that each give their share of the traces, so that the newest
   * busy minute does not stand for all. 1, if left out: the newest traces.
   */
  readonly parts?: number;
  /** What the store is asked with, where it needs that. */
  readonly authorization?: string | undefined;
  /** Called after each trace that was read, with how many there will be. */
  readonly onProgress?: (progress: { readonly read: number; readonly found: number }) => void;
}

/** Traces that are asked for at the same time: a store answers others too. */
const askedAtOnce = 4;

/**
 * The traces of a service from the embedded store or any Tempo, the newest first. A trace that is deleted
 * meanwhile is left out.
 * @throws StackError `store_unreachable` or `query_refused`.
 */
export async function* recentTraces(
  tempoUrl: string,
  options: RecentTraceOptions,
): AsyncGenerator<RecentTrace> {
  const { authorization, onProgress } = options;
  const traceIds = await findTraceIds(tempoUrl, options);
  const ask = (traceId: string) => {
    const asked = fetchTrace(tempoUrl, traceId, authorization);
    // It is awaited in its turn; until then a failure must not end the process.
    asked.catch(() => undefined);
    return asked;
  };
  const waiting = traceIds.slice(0, askedAtOnce).map(ask);
  for (const [index, traceId] of traceIds.entries()) {
    const spans = (await waiting.shift()) ?? [];
    const next = traceIds[index + askedAtOnce];
    if (next !== undefined) {
      waiting.push(ask(next));
    }
    onProgress?.({ read: index + 1, found: traceIds.length });
    if (spans.length > 0) {
      yield { traceId, spans };
    }
  }
}

async function findTraceIds(tempoUrl: string, options: RecentTraceOptions): Promise<string[]> {
  const { sinceMs, limit, parts = 1 } = options;
  // A second more, so that a request that has just ended is not behind the end.
  const end = Math.ceil(Date.now() / 1000) + 1;
  const seconds = Math.max(1, Math.ceil(sinceMs / 1000));
  const found = new Map<string, TempoFoundTrace>();
  const search = async (from: number, to: number, most: number) => {
    for (const trace of await searchNewest(tempoUrl, options, {
      start: from,
      end: to,
      limit: most,
    })) {
      found.set(trace.traceID, trace);
    }
  };
  const bounds = Array.from({ length: parts + 1 }, (_, part) =>
    Math.floor(end - (seconds * part) / parts),
  );
  for (let part = 0; part < parts && parts > 1; part++) {
    await search(bounds[part + 1] ?? 0, bounds[part] ?? 0, Math.ceil(limit / parts));
  }
  if (found.size < limit) {
    // Some parts had less than their share: the newest of all make up for it.
    await search(end - seconds, end, limit);
  }
  const start = ({ startTimeUnixNano = "0" }: TempoFoundTrace) => BigInt(startTimeUnixNano);
  const chosen = [...found.values()].slice(0, limit);
  return chosen
    .sort((one, other) => (start(one) < start(other) ? 1 : -1))
    .map((trace) => trace.traceID);
}

async function searchNewest(
  tempoUrl: string,
  { service, authorization }: RecentTraceOptions,
  range: { readonly start: number; readonly end: number; readonly limit: number },
): Promise<readonly TempoFoundTrace[]> {
  const filter = `{ resource.service.name = ${printLiteral({ type: "string", value: service })} }`;
  const search = async (text: string) =>
    (await searchTempo(tempoUrl, { ...range, text, authorization })).traces;
  try {
    return await search(`${filter} with (most_recent=true)`);
  } catch (error) {
    if (error instanceof StackError && error.code === "query_refused") {
      // A Tempo before 2.8 does not know the hint, and gives any traces of the time.
      return await search(filter);
    }
    throw error;
  }
}
