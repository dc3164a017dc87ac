import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type TestContext, test } from "node:test";
import type { Span } from "#contract";
import { miniserve } from "#miniserve";
import { temporaryDirectory } from "../../../tests/support/temporary-directory.ts";
import { sampleSpan } from "../testing/sample-span.ts";
import { openStore, type Store, type StoreEvent, type StoreOptions } from "./index.ts";

const hourMs = 3_600_000;
const everyMs = 50;

type Deleted = Extract<StoreEvent, { type: "spans_deleted" }>;

interface Watched {
  readonly store: Store;
  readonly directory: string;
  readonly events: StoreEvent[];
  /** Resolves with the next event. */
  readonly next: () => Promise<StoreEvent>;
}

async function openWatched(
  context: TestContext,
  options: Omit<StoreOptions, "directory">,
  directory = temporaryDirectory(),
): Promise<Watched> {
  const events: StoreEvent[] = [];
  let wake = () => {};
  const store = await openStore([miniserve], {
    ...options,
    directory,
    onEvent: (event) => {
      events.push(event);
      wake();
    },
  });
  context.after(() => store.close());
  const next = () =>
    new Promise<StoreEvent>((resolve) => {
      wake = () => resolve(events.at(-1) as StoreEvent);
    });
  return { store, directory, events, next };
}

function startedHoursAgo(hours: number, changes: Partial<Span> = {}): Span {
  const startTimeUnixNano = BigInt(Math.round(Date.now() - hours * hourMs)) * 1_000_000n;
  return sampleSpan({
    traceId: randomBytes(16).toString("hex"),
    spanId: randomBytes(8).toString("hex"),
    startTimeUnixNano,
    endTimeUnixNano: startTimeUnixNano + 1_000n,
    ...changes,
  });
}

function only(key: string): Partial<Span> {
  const attribute = { key, value: { type: "string", value: key } } as const;
  return {
    attributes: [attribute],
    resource: { ...sampleSpan().resource, attributes: [attribute] },
    scope: { ...sampleSpan().scope, name: key },
  };
}

async function readKeys(store: Store): Promise<unknown> {
  const [keys = []] = await store.read(
    "SELECT DISTINCT key FROM attribute_catalog WHERE scope = 'span' ORDER BY key",
  );
  return keys;
}

test("spans that started too long ago go, with what only they had; the others stay", async (context) => {
  const { store, next, events } = await openWatched(context, {
    retention: { maxAgeMs: 24 * hourMs, everyMs },
  });
  const young = Array.from({ length: 30 }, (_, hour) => startedHoursAgo(hour / 2, only("young")));
  await store.append(young);
  assert.deepEqual(events, []);
  const told = next();
  await store.append(
    Array.from({ length: 120_000 }, (_, index) =>
      startedHoursAgo(25 + (index % 100), only(`old ${index % 7}`)),
    ),
  );
  const event = (await told) as Deleted;
  assert.deepEqual([event.type, event.reason, event.spans], ["spans_deleted", "age", 120_000]);
  // What follows an event is done when the next spans are committed after it.
  while ((await store.read("SELECT count(*) FROM scopes"))[0]?.[0] !== 1n) {
    await store.append([startedHoursAgo(0, only("young"))]);
  }
  assert.deepEqual(await readKeys(store), ["young"]);
  assert.deepEqual(
    await store.read("SELECT name FROM scopes UNION ALL SELECT service FROM resources"),
    [["young", null]],
  );
  assert.deepEqual(await store.readTrace(young[3]?.traceId ?? ""), young.slice(3, 4));
  // What was forgotten is written again.
  const late = startedHoursAgo(2, only("old 1"));
  await store.append([late]);
  assert.deepEqual(await readKeys(store), ["old 1", "young"]);
  assert.deepEqual(await store.readTrace(late.traceId), [late]);
});

test("the oldest spans go when the file holds too much, and its room is used again", async (context) => {
  const maxBytes = 6 * 1024 * 1024;
  const { store, events } = await openWatched(context, {
    retention: { maxBytes, everyMs: 500 },
  });
  const exports = 50;
  for (let number = 0; number < exports; number += 1) {
    await store.append(
      Array.from({ length: 5_000 }, (_, index) =>
        startedHoursAgo((exports - number) * 2 - index / 5_000),
      ),
    );
  }
  const newest = startedHoursAgo(0);
  await store.append([newest]);
  // Room is given back by checkpoints, which wait until nothing is written for a moment.
  const used = async () => {
    const [[bytes] = []] = await store.read(
      "SELECT block_size * used_blocks FROM pragma_database_size()",
    );
    return Number(bytes);
  };
  while (events.length === 0 || (await used()) > maxBytes) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.ok(events.every((event) => event.type === "spans_deleted" && event.reason === "size"));
  const deleted = events.reduce((sum, event) => sum + (event as Deleted).spans, 0);
  const { spans } = await store.counts();
  assert.equal(spans, exports * 5_000 + 1 - deleted);
  assert.ok(spans > (exports * 5_000) / 10, `only ${spans} spans are left`);
  assert.deepEqual(await store.readTrace(newest.traceId), [newest]);
  const [[oldest] = []] = await store.read("SELECT min(start_ns) // 1000000 FROM spans");
  const { startedBeforeMs } = events.at(-1) as Deleted;
  assert.ok(Number(oldest) >= startedBeforeMs);
});

test("nothing is deleted unless it was asked for", async (context) => {
  const { store, events } = await openWatched(context, { retention: { everyMs } });
  await store.append([startedHoursAgo(100_000)]);
  await new Promise((resolve) => setTimeout(resolve, 5 * everyMs));
  assert.deepEqual(events, []);
  assert.deepEqual(await store.counts(), { spans: 1, traces: 1 });
});
