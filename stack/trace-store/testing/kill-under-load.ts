import assert from "node:assert/strict";
import { once } from "node:events";
import { statSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { miniserve } from "#miniserve";
import { temporaryDirectory } from "../../../tests/support/temporary-directory.ts";
import { openStore, type Store } from "../store/index.ts";
import { createTraceqlEngine } from "../traceql/index.ts";
import { assertSameSpans } from "./assert-same-spans.ts";
import { createTrace, exportUntilGone, spansPerTrace } from "./numbered-traces.ts";
import { type StartedStack, startStack } from "./started-stack.ts";

const exportsInFlight = 6;
/** Rounds by turns end after so many exports, and when a checkpoint has begun. */
const waitForCheckpointMs = 20_000;

/**
 * Kills the stack over and over while it takes spans in, each time with the store of the time before,
 * and then looks whether it holds what it acknowledged.
 */
export async function killUnderLoad(
  context: TestContext,
  { rounds, seed }: { readonly rounds: number; readonly seed: number },
): Promise<void> {
  const directory = temporaryDirectory();
  const acknowledged: number[] = [];
  let [sent, checkpoints] = [0, 0];
  for (let round = 0; round < rounds; round += 1) {
    const stack = await startStack(context, directory);
    const sizeAtStart = measureSize(directory);
    // By arithmetic on the seed: anywhere within the commits that follow, however slow the machine.
    let untilKill = 5 + ((seed * (round + 7)) % 20);
    const momentMs = (seed * (round + 3)) % 25;
    const waitsForCheckpoint = round % 2 === 1;
    const exporting = exportUntilGone(stack.ports.otlpGrpc, sent, exportsInFlight, () => {
      untilKill -= 1;
      if (untilKill === 0 && !waitsForCheckpoint) {
        setTimeout(() => stack.process.kill("SIGKILL"), momentMs);
      }
    });
    const ended = once(stack.process, "exit");
    if (waitsForCheckpoint) {
      await killInCheckpoint(stack, directory, sizeAtStart, momentMs);
    }
    await ended;
    const result = await exporting;
    acknowledged.push(...result.acknowledged);
    sent = result.sent;
    checkpoints += measureSize(directory) > sizeAtStart ? 1 : 0;
  }
  const store = await openStore([miniserve], { directory });
  context.after(() => store.close());
  await assertHolds(store, new Set(acknowledged), sent);
  assert.ok(checkpoints > 0, "no checkpoint fell into any round");
  context.diagnostic(
    `${acknowledged.length} of ${sent} exports were acknowledged; checkpoints fell into ${checkpoints} of ${rounds} rounds`,
  );
}

/** The file of the store grows in checkpoints and at no other time. */
async function killInCheckpoint(
  stack: StartedStack,
  directory: string,
  sizeAtStart: number,
  momentMs: number,
): Promise<void> {
  const giveUpAt = performance.now() + waitForCheckpointMs;
  while (measureSize(directory) === sizeAtStart && performance.now() < giveUpAt) {
    await delay(1);
  }
  await delay(momentMs);
  stack.process.kill("SIGKILL");
}

function measureSize(directory: string): number {
  return statSync(join(directory, "traces.duckdb")).size;
}

/** All that was acknowledged, nothing twice, nothing in part; and searches and counts say the same. */
async function assertHolds(
  store: Store,
  acknowledged: ReadonlySet<number>,
  sent: number,
): Promise<void> {
  const stored: number[] = [];
  for (let number = 0; number < sent; number += 1) {
    const expected = createTrace(number);
    const found = await store.readTrace(expected[0]?.traceId ?? "");
    // What was not acknowledged may be there or not, but never in part.
    if (acknowledged.has(number) || found.length > 0) {
      assertSameSpans(found, expected);
      stored.push(number);
    }
  }
  const spans = stored.length * spansPerTrace;
  assert.equal((await store.counts()).spans, spans);
  const engine = createTraceqlEngine(store);
  const startNs = (createTrace(0)[0]?.startTimeUnixNano ?? 0n) - 1n;
  const range = { startNs, endNs: startNs + 1_000_000n, stepNs: 1_000_000n };
  const [series] = await engine.metrics("{ } | count_over_time()", range);
  assert.equal(series?.samples[0]?.value, spans);
  const [last = 0] = stored.slice(-1);
  const found = await engine.search(`{ span.llm.tokens.out = ${last} }`, {
    startNs: null,
    endNs: null,
    limit: 20,
    spansPerSpanset: 3,
  });
  assert.deepEqual(
    found.map(({ traceId, spansets }) => [traceId, spansets[0]?.matched]),
    [[createTrace(last)[0]?.traceId, spansPerTrace]],
  );
}
