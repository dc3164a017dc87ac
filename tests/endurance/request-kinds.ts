import assert from "node:assert/strict";
import { miniserve, spans } from "#miniserve";
import { completeRequest } from "../support/traces/complete-request.ts";
import type { Verdict } from "./audit.ts";

/** How often each thing happened that a request can do. */
export function countRequestKinds(verdicts: readonly Verdict[]) {
  const tally = (readKind: (verdict: Verdict) => string | undefined): Record<string, number> => {
    const kinds = verdicts.map(readKind).filter((kind) => kind !== undefined);
    return Object.fromEntries(
      [...Map.groupBy(kinds, (kind) => kind)].map(([kind, all]) => [kind, all.length]),
    );
  };
  const countLastStage = (wanted: string) =>
    tally(({ outcome, stages }) =>
      outcome === wanted ? (stages.at(-1) ?? spans.handler.name) : undefined,
    );
  return {
    outcomes: tally(({ outcome }) => outcome),
    "aborted in": countLastStage("aborted"),
    "failed in": countLastStage("failed"),
    "timed out in": countLastStage("timeout"),
    "stages of completed": tally(({ outcome, stages }) =>
      outcome === "completed" ? `${stages.length}` : undefined,
    ),
    errors: tally(({ errorType }) => errorType),
    formats: tally(({ outputFormat }) => outputFormat),
  };
}

/** A mix in which something never happens would prove nothing about it. */
export function assertAllKinds(kinds: ReturnType<typeof countRequestKinds>): void {
  const { handler, tokenize, embedQuery, vectorSearch, rerank, prefill, decode } = spans;
  const listNames = (definitions: readonly { readonly name: string }[]): string[] =>
    definitions.map(({ name }) => name);
  const expected = {
    outcomes: Object.keys(miniserve.outcomes?.byName ?? {}),
    "aborted in": listNames([handler, tokenize, embedQuery, rerank, prefill, decode]),
    "failed in": listNames([tokenize, embedQuery, vectorSearch, rerank, prefill, decode]),
    "stages of completed": [[], ["retrieve"] as const].map(
      (wanted) => `${completeRequest(miniserve, { with: wanted }).length - 1}`,
    ),
    formats: ["text", "json"],
  } as const;
  for (const [kind, names] of Object.entries(expected)) {
    const counts = kinds[kind as keyof typeof expected];
    assert.deepEqual(
      names.filter((name) => !Object.hasOwn(counts, name)),
      [],
      `${kind}: these never came`,
    );
  }
}
