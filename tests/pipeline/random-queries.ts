import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { KnownDifference } from "../../stack/trace-store/traceql/conformance/differences/known-difference.ts";
import { compareRandomly } from "./beside-tempo/random-beside-tempo.ts";
import { startTempo } from "./running-tempo.ts";

const { TEMPO_BIN = "" } = process.env;
export const withTempo = { skip: TEMPO_BIN === "" && "set TEMPO_BIN to Tempo 3.0.3" };

/** Random queries of each seed's spans: Tempo's answers differ only where the list of differences says so. */
export async function assertOnlyKnownDifferences(
  context: TestContext,
  { seeds, queries }: { readonly seeds: readonly number[]; readonly queries: number },
): Promise<void> {
  const tempo = await startTempo(context, {
    path: TEMPO_BIN,
    purpose: "development",
    change: (configuration) => configuration.replace(/^server:/m, "multitenancy_enabled: true\n$&"),
  });
  const total = { asked: 0, same: 0, undisputed: 0 };
  const explained = new Map<KnownDifference, number>();
  const unexplained: string[] = [];
  for (const seed of seeds) {
    const found = await compareRandomly(tempo, { seed, queries });
    total.asked += found.asked;
    total.same += found.same;
    total.undisputed += found.undisputed;
    for (const [difference, count] of found.explained) {
      explained.set(difference, (explained.get(difference) ?? 0) + count);
    }
    unexplained.push(...found.unexplained.map((text) => `seed ${seed}: ${text}`));
  }
  context.diagnostic(`seeds ${seeds.join(", ")}: ${JSON.stringify(total)}`);
  for (const [{ question }, count] of explained) {
    context.diagnostic(`${count} differ: ${question}`);
  }
  assert.deepEqual(unexplained, []);
  assert.ok(total.undisputed > total.asked / 2, "too few queries were free of known differences");
}
