import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { startApiUnderTest } from "./api-under-test.ts";
import { engineWithEndless } from "./endless-query.ts";
import { createTrace, spansPerTrace } from "./numbered-traces.ts";

const appendsBefore = 20;
/** A commit that waits for a query would be the only one. */
const fewestBeside = 5;

/**
 * As many queries as may run at once, each until the limit of time ends it, while spans come in: each
 * commit is done while they still run. How long commits took is told, alone and beside them.
 */
export async function queryBesideIngest(context: TestContext, queryMs: number): Promise<void> {
  const { createEngine, ends, hasBegun, stores } = engineWithEndless();
  const limits = { queryMs, running: 2 };
  const { ask } = await startApiUnderTest(context, [], { limits, createEngine });
  const [store] = stores;
  assert.ok(store);
  let next = 0;
  const append = async (): Promise<number> => {
    const startedAt = performance.now();
    await store.append(createTrace(next));
    next += 1;
    return performance.now() - startedAt;
  };
  const alone: number[] = [];
  while (alone.length < appendsBefore) {
    alone.push(await append());
  }
  let isOver = false;
  const asked = [1, 2].map(() => ask("/api/search", { q: "{ false }" }));
  const answered = Promise.all(asked).finally(() => {
    isOver = true;
  });
  await hasBegun;
  const beside: number[] = [];
  while (!isOver) {
    beside.push(await append());
  }
  const answers = await answered;
  assert.deepEqual(
    answers.map(({ status }) => status),
    [504, 504],
  );
  assert.deepEqual(ends, ["ended", "ended"]);
  assert.ok(beside.length > fewestBeside, `only ${beside.length} commits beside the queries`);
  assert.equal((await store.counts()).spans, next * spansPerTrace);
  context.diagnostic(`a commit alone: ${told(alone)}; beside two queries: ${told(beside)}`);
}

function told(milliseconds: readonly number[]): string {
  const sorted = milliseconds.toSorted((one, other) => one - other);
  const [middle, most] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  return `p50 ${middle?.toFixed(1)} ms, slowest ${most?.toFixed(1)} ms of ${sorted.length}`;
}
