import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyResource, emptyScope, type Span } from "#contract";
import { type PanelJson, splitSections } from "./dashboard.ts";
import type { Frame } from "./frame.ts";
import { heatCells } from "./heatmap-cells.ts";
import { aligned, createSeries, inParts, legendRows, nearest, withGaps } from "./series.ts";
import { createTargetRequest } from "./target-request.ts";
import { createWaterfall } from "./waterfall.ts";

const panel = (id: number, x: number, y: number, type = "stat"): PanelJson => ({
  id,
  type,
  gridPos: { x, y, w: 8, h: 4 },
});

test("panels are under the row before them, and those of a folded row within it", () => {
  const folded = { ...panel(5, 0, 20, "row"), collapsed: true, panels: [panel(6, 0, 21)] };
  const sections = splitSections([
    panel(4, 0, 6),
    panel(1, 8, 0),
    panel(2, 0, 0),
    panel(3, 0, 5, "row"),
    folded,
  ]);
  assert.deepEqual(
    sections.map(({ row, isFoldedAtFirst, panels }) => [
      row?.id,
      isFoldedAtFirst,
      panels.map(({ panel: { id }, position: { x, y } }) => [id, x, y]),
    ]),
    [
      [
        undefined,
        false,
        [
          [2, 0, 0],
          [1, 8, 0],
        ],
      ],
      [3, false, [[4, 0, 0]]],
      [5, true, [[6, 0, 0]]],
    ],
  );
});

test("a panel that is too wide for its place stays within the 24 columns", () => {
  const [section] = splitSections([{ id: 1, type: "stat", gridPos: { x: 20, y: 0, w: 30, h: 0 } }]);
  assert.deepEqual(section?.panels[0]?.position, { x: 0, y: 0, w: 24, h: 1 });
});

function stacked(
  name: string,
  samples: readonly (readonly [number, number | null])[],
  mode: string,
): Frame {
  const config = { displayName: name, custom: { stacking: { mode }, drawStyle: "bars" } };
  return {
    fields: [
      { name: "time", type: "time", values: samples.map(([time]) => time), config: {} },
      { name: "value", type: "number", values: samples.map(([, value]) => value), config },
    ],
  };
}

test("what is stacked has the same times, and in percent adds up to one", () => {
  const series = aligned(
    createSeries(
      [
        stacked(
          "a",
          [
            [1, 3],
            [3, 5],
          ],
          "percent",
        ),
        stacked(
          "b",
          [
            [1, 1],
            [2, 0],
          ],
          "percent",
        ),
      ],
      "dark",
    ),
  );
  assert.deepEqual(
    series.map(({ times }) => times),
    [
      [1, 2, 3],
      [1, 2, 3],
    ],
  );
  assert.deepEqual(inParts(series), [
    [0.75, null, 1],
    [0.25, null, null],
  ]);
});

function line(values: readonly (number | null)[], custom: Readonly<Record<string, unknown>>) {
  const times = [0, 10, 20, 60, 70];
  const frame: Frame = {
    fields: [
      { name: "time", type: "time", values: times, config: {} },
      { name: "value", type: "number", values, config: { custom } },
    ],
  };
  return createSeries([frame], "dark")
    .map(withGaps)[0]
    ?.map(([, value]) => value);
}

test("a line goes on over what is not there as long as its panel says, and no longer", () => {
  const sparse = [1, null, 3, 4, 5];
  assert.deepEqual(line(sparse, {}), [1, null, 3, 4, 5]);
  assert.deepEqual(line(sparse, { spanNulls: true }), [1, 3, 4, 5]);
  assert.deepEqual(line(sparse, { spanNulls: true, insertNulls: 30 }), [1, 3, 4, 5]);
  assert.deepEqual(line(sparse, { insertNulls: 30 }), [1, null, 3, null, 4, 5]);
  const bounded = { spanNulls: 30, insertNulls: 30 };
  assert.deepEqual(line(sparse, bounded), [1, 3, null, 4, 5]);
  // What is as long as the limit is a null that is not passed over, but none is put in.
  assert.deepEqual(line(sparse, { spanNulls: 40, insertNulls: 40 }), [1, 3, 4, 5]);
  assert.deepEqual(line([1, 2, 3, null, 5], { spanNulls: 50 }), [1, 2, 3, null, 5]);
  assert.deepEqual(line([1, 2, null, null, 5], bounded), [1, 2, null, 5]);
  assert.deepEqual(line([null, 2, null, 4, null], {}), [2, null, 4]);
});

test("a legend with columns is sorted by one of them, and says nothing of what has no value", () => {
  const frames = ["a", "b", "c"].map((name, index) =>
    stacked(
      name,
      index === 2
        ? []
        : [
            [1, index + 1],
            [2, 10],
          ],
      "none",
    ),
  );
  const series = createSeries(frames, "dark");
  const named = (sortBy: string | undefined, sortDesc: boolean) =>
    legendRows(series, ["sum", "no such"], { sortBy, sortDesc }).rows.map(
      ({ series: { name }, values }) => [name, ...values],
    );
  assert.deepEqual(named("Total", true), [
    ["b", 12],
    ["a", 11],
    ["c", 0],
  ]);
  assert.deepEqual(named(undefined, false), [
    ["a", 11],
    ["b", 12],
    ["c", 0],
  ]);
  assert.deepEqual(legendRows(series, ["sum"], { sortBy: "", sortDesc: false }).columns, ["Total"]);
});

test("the value at a time is the nearest that there is", () => {
  const series = { times: [10, 20, 30], values: [1, null, 3] };
  assert.deepEqual(nearest(series, 12, 5), { time: 10, value: 1, index: 0 });
  assert.equal(nearest(series, 20, 5), undefined);
  assert.deepEqual(nearest(series, 24, 10), { time: 30, value: 3, index: 2 });
});

test("cells of a heatmap begin a step before their stamp, with a row for each bucket that came", () => {
  const bucket = (bound: string, counts: number[]): Frame => ({
    name: bound,
    fields: [
      { name: "time", type: "time", values: [60, 120], config: {} },
      { name: "value", type: "number", values: counts, labels: { __bucket: bound }, config: {} },
    ],
  });
  assert.deepEqual(heatCells([bucket("8", [0, 2]), bucket("1", [1, 0]), bucket("64", [0, 0])]), {
    buckets: [1, 8, 64],
    cells: [
      { fromMs: 60, toMs: 120, bucket: 1, count: 2 },
      { fromMs: 0, toMs: 60, bucket: 0, count: 1 },
    ],
    most: 2,
  });
});

test("a query is asked in the way of its form", () => {
  const range = { fromMs: 1_500, toMs: 61_500 };
  const path = (query: string, target = {}) => createTargetRequest(target, query, range)?.path;
  assert.equal(path("  "), undefined);
  assert.equal(
    path("0AF7651916CD43DD8448EB211C80319C"),
    "/api/v2/traces/0af7651916cd43dd8448eb211c80319c",
  );
  assert.equal(path("{ }"), "/api/search?q=%7B+%7D&start=1&end=62&limit=20&spss=3");
  assert.equal(
    path("{ } | rate()"),
    "/api/metrics/query_range?q=%7B+%7D+%7C+rate%28%29&start=1&end=62",
  );
  assert.equal(
    path("{ } | rate() by (name)", { metricsQueryType: "instant" }),
    "/api/metrics/query?q=%7B+%7D+%7C+rate%28%29+by+%28name%29&start=1&end=62",
  );
  assert.equal(createTargetRequest({ expr: "x" }, '{a="b"}', range)?.kind, "logs");
});

function span(spanId: string, parentSpanId: string | null, start: bigint, end: bigint): Span {
  return {
    traceId: "1".repeat(32),
    spanId,
    parentSpanId,
    name: spanId,
    kind: "internal",
    startTimeUnixNano: start,
    endTimeUnixNano: end,
    attributes: [],
    events: [],
    links: [],
    status: { code: "unset", message: "" },
    traceState: "",
    flags: 1,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    resource: emptyResource,
    scope: emptyScope,
  };
}

test("a waterfall has parents before children, lost parents as roots, and no span twice", () => {
  const { rows, durationMs } = createWaterfall([
    span("child", "root", 2_000_000n, 3_000_000n),
    span("root", null, 1_000_000n, 5_000_000n),
    span("lost", "nobody", 4_000_000n, 4_000_000n),
    span("ring-a", "ring-b", 1_000_000n, 2_000_000n),
    span("ring-b", "ring-a", 1_500_000n, 2_000_000n),
  ]);
  assert.equal(durationMs, 4);
  assert.deepEqual(
    rows.map(({ span: { spanId }, depth, start, length }) => [spanId, depth, start, length]),
    [
      ["root", 0, 0, 1],
      ["child", 1, 0.25, 0.25],
      ["lost", 0, 0.75, 0],
      ["ring-a", 0, 0, 0.25],
      ["ring-b", 1, 0.125, 0.125],
    ],
  );
});
