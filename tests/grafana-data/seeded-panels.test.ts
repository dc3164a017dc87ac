import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { FieldConfig, PanelJson } from "../../stack/viewer/data/dashboard.ts";
import type { Frame } from "../../stack/viewer/data/frame.ts";
import type { LinkContext } from "../../stack/viewer/data/links.ts";
import type { SearchAnswer } from "../../stack/viewer/data/tempo-answers.ts";
import { spansFrame } from "../../stack/viewer/data/tempo-frames.ts";
import { shownByGrafana, shownByViewer } from "./shown.ts";

/** What the committed dashboards do not use, the viewer shows as Grafana's code does all the same. */

const file = join(import.meta.dirname, "recorded-frames.json");
const { recorded } = JSON.parse(readFileSync(file, "utf8")) as {
  recorded: readonly {
    readonly shape: string;
    readonly answer: SearchAnswer;
    readonly frames: readonly Frame[];
  }[];
};
const context: LinkContext = {
  variables: new Map([["a", { values: ["x y"], text: "x y", isAll: false }]]),
  raw: { from: "now-1h", to: "now" },
  range: { fromMs: 0, toMs: 3_600_000 },
};

function readFrames(shape: string): readonly Frame[] {
  const found = recorded.find((one) => one.shape === shape);
  assert.ok(found, shape);
  // The datasource's own link is one of each program.
  return shape.startsWith("search") ? [spansFrame(found.answer)] : found.frames;
}

const everything: FieldConfig = {
  displayName: "one name for all",
  unit: "ms",
  min: 1,
  max: 3,
  decimals: 1,
  noValue: "nothing",
  color: { mode: "thresholds" },
  thresholds: {
    mode: "percentage",
    steps: [
      { value: null, color: "blue" },
      { value: 50, color: "orange" },
    ],
  },
  links: [{ title: "of the panel", url: "/d/x?a=$a&from=$" + "{__from}" }],
};

const mappings = [
  {
    type: "value",
    options: {
      stop: { text: "stopped", color: "green" },
      internal: { text: "" },
      "200": { color: "red" },
    },
  },
  { type: "range", options: { from: 500, to: 599, result: { text: "failed", color: "purple" } } },
  { type: "regex", options: { pattern: "/^(.)-(model)$/", result: { text: "$2 $1" } } },
  { type: "special", options: { match: "null", result: { text: "none", color: "yellow" } } },
  { type: "special", options: { match: "true", result: { text: "yes" } } },
  { type: "special", options: { match: "empty", result: { text: "empty" } } },
];

const override = (id: string, options: string, properties: Readonly<Record<string, unknown>>) => ({
  matcher: { id, options },
  properties: Object.entries(properties).map(([name, value]) => ({ id: name, value })),
});

const coloured = { cellOptions: { type: "color-text" } };
const reduced = (more: object) => ({
  reduceOptions: { calcs: ["lastNotNull"], fields: "", ...more },
});

/** By what is seen of each. */
const panels: Readonly<Record<string, readonly [shape: string, panel: PanelJson]>> = {
  "defaults of everything, on columns of each type": [
    "search, spans",
    { type: "table", fieldConfig: { defaults: { ...everything, custom: coloured } } },
  ],
  "mappings of each kind": [
    "search, spans",
    { type: "table", fieldConfig: { defaults: { mappings, custom: coloured } } },
  ],
  "colours of what nothing is said of": [
    "search, spans",
    { type: "table", fieldConfig: { defaults: { custom: coloured } } },
  ],
  "overrides that name what others renamed, in their order": [
    "search, spans",
    {
      type: "table",
      fieldConfig: {
        defaults: { custom: coloured },
        overrides: [
          override("byName", "Name", { displayName: "renamed", unit: "short" }),
          override("byName", "renamed", { noValue: "not this" }),
          override("byRegexp", "Dur.*", {
            decimals: 3,
            color: { mode: "fixed", fixedColor: "red" },
          }),
          override("byRegexp", "/^Start/", { displayName: "began" }),
          override("byRegexp", "Star", { displayName: "not the whole name" }),
          override("byType", "string", { noValue: "–", links: [{ title: "first", url: "/a" }] }),
          override("byName", "spanID", { links: [{ title: "second", url: "/b" }], mappings }),
          override("byType", "string", { mappings: [{ type: "value", options: { stop: {} } }] }),
        ],
      },
    },
  ],
  "fields in order, left out and renamed": [
    "search, spans",
    {
      type: "table",
      transformations: [
        { id: "renameByRegex", options: { regex: "/^(\\w+)\\.(.*)$/", renamePattern: "$2 of $1" } },
        {
          id: "organize",
          options: {
            excludeByName: { traceService: true, Duration: true },
            indexByName: { "Start time": 0, "model of llm": 1 },
            renameByName: { "Start time": "Began", "Span ID": "" },
          },
        },
      ],
    },
  ],
  "fields of which some are wanted": [
    "search, spans",
    {
      type: "table",
      transformations: [
        { id: "organize", options: { includeByName: { time: true, Duration: true } } },
      ],
    },
  ],
  "overrides by a name of the defaults": [
    "search, spans",
    {
      type: "table",
      fieldConfig: {
        defaults: { displayName: "one name for all" },
        overrides: [override("byName", "one name for all", { noValue: "found" })],
      },
    },
  ],
  "a reduction of single values": [
    "instant, one label",
    { type: "table", transformations: [{ id: "reduce", options: { reducers: ["lastNotNull"] } }] },
  ],
  "several reductions, to rows": [
    "range, one label",
    {
      type: "table",
      transformations: [
        {
          id: "reduce",
          options: { reducers: ["max", "mean", "min", "sum", "count", "first", "last"] },
        },
      ],
    },
  ],
  "a reduction of nothing": [
    "range, nothing found",
    { type: "stat", transformations: [{ id: "reduce", options: {} }], options: reduced({}) },
  ],
  "numbers of each series": [
    "instant, two labels",
    { type: "stat", options: reduced({}), fieldConfig: { defaults: everything } },
  ],
  "several numbers of each series": [
    "range, an average that steps lack",
    { type: "bargauge", options: reduced({ calcs: ["mean", "max", "firstNotNull"] }) },
  ],
  "a number for each row, called by its texts": [
    "search, spans",
    { type: "stat", options: reduced({ values: true, limit: 7 }) },
  ],
  "numbers of fields that a pattern names": [
    "search, spans",
    { type: "stat", options: reduced({ fields: "/^(Duration|llm\\.model)$/" }) },
  ],
  "nothing, in no words": ["instant, nothing found", { type: "stat", options: reduced({}) }],
  "series with colours of each kind": [
    "range, one label",
    {
      type: "timeseries",
      fieldConfig: {
        defaults: { unit: "reqps" },
        overrides: [
          override("byName", "http.handler", { color: { mode: "fixed", fixedColor: "dark-red" } }),
          override("byRegexp", "/^llm/", {
            color: { mode: "thresholds" },
            displayName: "an engine",
          }),
        ],
      },
    },
  ],
  "buckets of a heatmap, under a unit": [
    "range, buckets",
    { type: "heatmap", options: { yAxis: { unit: "s" } }, fieldConfig: { defaults: everything } },
  ],
};

for (const [seen, [shape, panel]] of Object.entries(panels)) {
  test(`${seen}: as in Grafana`, async () => {
    const titled = { title: seen, ...panel };
    const theirs = await shownByGrafana(titled, readFrames(shape), context);
    assert.deepEqual(shownByViewer(titled, readFrames(shape), context), theirs);
  });
}
