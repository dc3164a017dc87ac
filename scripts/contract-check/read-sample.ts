import { setTimeout as sleep } from "node:timers/promises";
import {
  type Contract,
  isSettling,
  isUnfinished,
  judgeTrace,
  type SampledTrace,
  type Service,
  settleMs,
} from "#contract";
import { fetchTrace, type ReadStore, recentTraces } from "../../stack/index.ts";

/** What is asked of a store. */
export interface SampleRequest {
  readonly store: ReadStore;
  readonly sinceMs: number;
  /** Traces at most. */
  readonly sample: number;
}

/** Into how many parts the time is split that each give their share. */
const parts = 10;
const asksEveryMs = 1_000;

/** Traces of a service from the whole time, the newest first. */
export async function readSample(
  { name }: Service,
  { store, sinceMs, sample }: SampleRequest,
): Promise<SampledTrace[]> {
  const { tempoUrl, authorization } = store;
  const traces: SampledTrace[] = [];
  const asked = { service: name, sinceMs, limit: sample, parts, authorization };
  for await (const trace of recentTraces(tempoUrl, asked)) {
    traces.push(trace);
  }
  return traces;
}

/**
 * Reads again what may only not be complete yet, until it is, or until its last span is so old that nothing
 * more comes. A request that still runs is not waited for.
 */
export async function completed(
  contract: Contract,
  traces: readonly SampledTrace[],
  { tempoUrl, authorization }: ReadStore,
): Promise<SampledTrace[]> {
  const isOpen = ({ spans }: SampledTrace) =>
    isSettling(spans, Date.now()) && isUnfinished(spans, judgeTrace(contract, spans), Date.now());
  let read = [...traces];
  for (const deadline = Date.now() + settleMs; Date.now() < deadline; ) {
    if (!read.some(isOpen)) {
      break;
    }
    await sleep(asksEveryMs);
    read = await Promise.all(
      read.map(async (trace) =>
        isOpen(trace)
          ? { ...trace, spans: await fetchTrace(tempoUrl, trace.traceId, authorization) }
          : trace,
      ),
    );
  }
  return read.filter(({ spans }) => spans.length > 0);
}
