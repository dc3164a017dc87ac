import { setTimeout as sleep } from "node:timers/promises";
import { createSavedQueries, type SavedQuery } from "#contract";
import { miniserve } from "#miniserve";
import { searchTempo } from "../../stack/index.ts";
import type { Planted } from "./plant.ts";

/** What a saved query found of what was planted. */
export interface Finding {
  readonly query: SavedQuery;
  /** Traces that it has to find. */
  readonly planted: readonly string[];
  /** What was meant for it, and could not be planted. */
  readonly notPlanted: number;
  /** Those of the planted that it found. */
  readonly found: readonly string[];
  /** How many traces it found besides, of the same time. */
  readonly others: number;
}

/** A store, and the time that is asked about, in Unix seconds. */
export interface Asked {
  readonly tempoUrl: string;
  readonly startsAt: number;
}

const mostTraces = 1_000;
const momentMs = 4_000;
/** Longer than any attempt takes. */
const recentSeconds = 30;
const asksEveryMs = 150;
/** Spans of the last requests are on their way. */
const arrivalMs = 30_000;

/** Asks every saved query, until each has found all that was planted for it or the spans had time to arrive. */
export async function findPlanted(asked: Asked, planted: readonly Planted[]): Promise<Finding[]> {
  const giveUpAt = performance.now() + arrivalMs;
  const requestId = planted.find((one) => one.requestId !== "")?.requestId ?? "";
  const findings: Finding[] = [];
  for (const query of createSavedQueries(miniserve, { values: { request: requestId } })) {
    const wanted = listWanted(query.id, planted, requestId);
    let finding = await find(asked, query, wanted);
    while (finding.found.length < wanted.length && performance.now() < giveUpAt) {
      await sleep(asksEveryMs);
      finding = await find(asked, query, wanted);
    }
    const notPlanted = planted.filter(
      ({ foundBy, reason }) => foundBy.includes(query.id) && reason !== "",
    ).length;
    findings.push({ ...finding, notPlanted });
  }
  return findings;
}

function listWanted(id: string, planted: readonly Planted[], requestId: string): string[] {
  if (id === "one-request") {
    const asked = planted.find((one) => one.requestId === requestId && requestId !== "");
    return asked === undefined ? [] : asked.traceIds.slice(0, 1);
  }
  return planted.filter(({ foundBy }) => foundBy.includes(id)).flatMap(({ traceIds }) => traceIds);
}

async function find(asked: Asked, query: SavedQuery, planted: readonly string[]) {
  const ids = await search(asked, query);
  const found = planted.filter((traceId) => ids.has(traceId));
  return { query, planted, found, others: ids.size - new Set(found).size };
}

async function search({ tempoUrl, startsAt }: Asked, query: SavedQuery): Promise<Set<string>> {
  return await searchBetween(tempoUrl, query, startsAt, Math.ceil(Date.now() / 1000) + 1);
}

/** All of them: where one search reaches its limit, each half of the time has one of its own. */
async function searchBetween(
  tempoUrl: string,
  query: SavedQuery,
  start: number,
  end: number,
): Promise<Set<string>> {
  const asked = { text: query.search, start, end, limit: mostTraces };
  const { traces } = await searchTempo(tempoUrl, asked);
  if (traces.length < mostTraces || end - start < 2) {
    return new Set(traces.map(({ traceID }) => traceID));
  }
  const middle = Math.floor((start + end) / 2);
  const earlier = await searchBetween(tempoUrl, query, start, middle);
  const later = await searchBetween(tempoUrl, query, middle, end);
  return new Set([...earlier, ...later]);
}

/** The first of these traces that a saved query finds by now; waits a moment for their spans. */
export async function findSoon(
  asked: Asked,
  queryId: string,
  traceIds: readonly string[],
): Promise<string | undefined> {
  const query = createSavedQueries(miniserve).find(({ id }) => id === queryId);
  // Of all that a long demo has sent, a search would take longer than a moment.
  const startsAt = Math.max(asked.startsAt, Math.floor(Date.now() / 1000) - recentSeconds);
  const giveUpAt = performance.now() + momentMs;
  for (;;) {
    const isLast = performance.now() > giveUpAt;
    const ids =
      query === undefined ? new Set<string>() : await search({ ...asked, startsAt }, query);
    const found = traceIds.find((traceId) => ids.has(traceId));
    if (found !== undefined || isLast) {
      return found;
    }
    await sleep(asksEveryMs);
  }
}
