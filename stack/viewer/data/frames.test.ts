import assert from "node:assert/strict";
import { test } from "node:test";
import { createDisplay } from "./display.ts";
import { configureFields } from "./field-config.ts";
import { type Frame, getDisplayName } from "./frame.ts";
import { dataLinks } from "./links.ts";
import { sortedRows } from "./table-rows.ts";
import type { MetricsAnswer } from "./tempo-answers.ts";
import { instantFrames, rangeFrames, spansFrame } from "./tempo-frames.ts";
import { transform } from "./transformations.ts";

const byStage: MetricsAnswer = {
  series: [
    {
      labels: [{ key: "name", value: { stringValue: "llm.decode" } }],
      samples: [{ timestampMs: "1000", value: 2 }, { timestampMs: "2000" }],
      value: 2,
    },
    {
      labels: [{ key: "name", value: { stringValue: "rerank" } }],
      samples: [{ timestampMs: "1000", value: "NaN" }],
      value: 5,
    },
  ],
};

test("a range answer is a frame a series, with zeros for what Tempo leaves out", () => {
  const frames = rangeFrames(byStage);
  assert.deepEqual(
    frames.map(({ name, fields }) => [name, fields[0]?.values, fields[1]?.values]),
    [
      ["llm.decode", [1000, 2000], [2, 0]],
      ["rerank", [1000], [null]],
    ],
  );
  assert.deepEqual(rangeFrames({}), []);
});

test("several labels make a name that says which is which", () => {
  const labels = [
    { key: "name", value: { stringValue: "a" } },
    { key: "p", value: { doubleValue: 0.95 } },
  ];
  assert.equal(rangeFrames({ series: [{ labels }] })[0]?.name, '{name="a", p=0.95}');
});

test("an instant answer reduced to rows, and those to a number", () => {
  const { frames, unknown } = transform(instantFrames(byStage, 9000), [
    { id: "reduce", options: { reducers: ["lastNotNull"] } },
  ]);
  assert.deepEqual(unknown, []);
  assert.deepEqual(
    frames.map(({ fields }) => fields.map(({ name, type, values }) => [name, type, values])),
    [
      [
        ["Field", "string", ["llm.decode", "rerank"]],
        ["Last *", "number", [2, 5]],
      ],
    ],
  );
  assert.deepEqual(transform([], [{ id: "reduce" }]).frames, []);
});

test("a transformation that is not known is said, and nothing else is lost", () => {
  const before = rangeFrames(byStage);
  const { frames, unknown } = transform(before, [
    { id: "seriesToRows" },
    { id: "reduce", options: { reducers: ["variance"] } },
    { id: "merge", disabled: true },
  ]);
  assert.deepEqual(frames, before);
  assert.deepEqual(unknown, [
    "The transformation seriesToRows is left out here.",
    "The transformation reduce by variance is left out here.",
  ]);
});

test("series are renamed by a pattern before anything else looks for them by name", () => {
  const shorten = { regex: "/^llm\\.(\\w+)$/", renamePattern: "$1" };
  const { frames, unknown } = transform(rangeFrames(byStage), [
    { id: "renameByRegex", options: shorten },
  ]);
  assert.deepEqual(unknown, []);
  const overrides = ["decode", "llm.decode"].map((name) => ({
    matcher: { id: "byRegexp", options: `/^${name}$/` },
    properties: [{ id: "unit", value: name }],
  }));
  const named = configureFields(frames, { overrides }).frames.map((frame) => {
    const field = frame.fields[1];
    assert.ok(field);
    return [getDisplayName(field), field.config.unit];
  });
  assert.deepEqual(named, [
    ["decode", "decode"],
    ["rerank", undefined],
  ]);
});

test("a pattern for names that is none is said", () => {
  const options = { regex: "/(/", renamePattern: "" };
  const { unknown } = transform(rangeFrames(byStage), [{ id: "renameByRegex", options }]);
  assert.deepEqual(unknown, ["The transformation renameByRegex by /(/ is left out here."]);
});

const search = {
  traces: [
    {
      traceID: "12f",
      rootServiceName: "miniserve",
      rootTraceName: "http.handler",
      spanSets: [
        {
          spans: [
            {
              spanID: "aa",
              name: "llm.decode",
              startTimeUnixNano: "1764151200123456789",
              durationNanos: "2000000",
              attributes: [
                { key: "llm.tokens.out", value: { intValue: "0" } },
                { key: "llm.stop_reason", value: { stringValue: "stop" } },
              ],
            },
            { spanID: "bb", startTimeUnixNano: "1764151201000000000", durationNanos: "5" },
          ],
        },
      ],
    },
  ],
};

test("columns are left out by either name, and have their place by the one that is shown", () => {
  const organized = (options: Readonly<Record<string, unknown>>) => {
    const { frames, unknown } = transform([spansFrame(search)], [{ id: "organize", options }]);
    assert.deepEqual(unknown, []);
    return frames[0]?.fields.map(getDisplayName);
  };
  const excludeByName = { "Trace Service": true, traceName: true, name: false };
  assert.deepEqual(
    organized({
      excludeByName,
      indexByName: { "Start time": 0, Duration: 1, spanID: 2, "Span ID": 3 },
    }),
    [
      "Start time",
      "Duration",
      "Span ID",
      "traceIdHidden",
      "Name",
      "llm.stop_reason",
      "llm.tokens.out",
    ],
  );
  // By the field's own name there is no place, where another is shown.
  assert.deepEqual(organized({ indexByName: { duration: 0 } })?.at(-1), "Duration");
  assert.deepEqual(organized({ includeByName: { Duration: true, spanID: true, time: false } }), [
    "Span ID",
    "Duration",
  ]);
  assert.deepEqual(
    organized({
      includeByName: { Duration: true, spanID: true },
      renameByName: { Duration: "took", spanID: "not by this name", "Span ID": "" },
    }),
    ["Span ID", "took"],
  );
  assert.equal(organized({})?.length, 9);
  assert.equal(organized({ includeByName: { nobody: true } }), undefined);
});

test("a span's id leads to the span, as the datasource has it", () => {
  const [frame] = configureFields([spansFrame(search)], {}).frames;
  const field = frame?.fields.find(({ name }) => name === "spanID");
  const context = {
    variables: new Map(),
    raw: { from: "now-1h", to: "now" },
    range: { fromMs: 0, toMs: 1 },
  };
  assert.ok(frame !== undefined && field !== undefined);
  assert.deepEqual(dataLinks(context, { frame, field, row: 1 }), [
    { title: "Span: bb", href: `/trace/${"0".repeat(29)}12f?span=bb`, isNewTab: false },
  ]);
});

test("a search is a row a span, with the columns that dashboards name", () => {
  const { fields } = spansFrame(search);
  assert.deepEqual(
    fields.map(({ name, values }) => [name, values]),
    [
      ["traceIdHidden", [`${"0".repeat(29)}12f`, `${"0".repeat(29)}12f`]],
      ["traceService", ["miniserve", "miniserve"]],
      ["traceName", ["http.handler", "http.handler"]],
      ["spanID", ["aa", "bb"]],
      ["time", [1_764_151_200_123.4568, 1_764_151_201_000]],
      ["name", ["llm.decode", null]],
      ["llm.stop_reason", ["stop", null]],
      ["llm.tokens.out", ["0", null]],
      ["duration", [2_000_000, 5]],
    ],
  );
});

test("rows are sorted by what is shown, without a value last", () => {
  const frame = spansFrame(search);
  assert.deepEqual(sortedRows(frame, { name: "Start time", isDescending: true }), [1, 0]);
  assert.deepEqual(sortedRows(frame, { name: "llm.tokens.out", isDescending: true }), [0, 1]);
  assert.deepEqual(sortedRows(frame, { name: "no such column", isDescending: true }), [0, 1]);
});

test("fields are renamed by pattern and by name, left out and put in order", () => {
  const frame = spansFrame(search);
  const names = (id: string, options: object) => {
    const { frames, unknown } = transform([frame], [{ id, options: { ...options } }]);
    assert.deepEqual(unknown, []);
    return frames.flatMap(({ fields }) => fields.map(getDisplayName));
  };
  assert.deepEqual(
    names("renameByRegex", { regex: "/^llm\\.(.*)$/", renamePattern: "of $1" }).slice(6, 8),
    ["of stop_reason", "of tokens.out"],
  );
  const chosen = {
    includeByName: { Duration: true, time: true, name: true },
    excludeByName: { name: true },
    indexByName: { Duration: 0 },
    renameByName: { "Start time": "Began" },
  };
  assert.deepEqual(names("organize", chosen), ["Duration", "Began"]);
  assert.deepEqual(names("organize", { includeByName: { nothing: true } }), []);
});

test("what an override adds to a list comes before the datasource's own", () => {
  const links = [{ title: "mine", url: "/x" }];
  const { frames } = configureFields([spansFrame(search)], {
    overrides: [
      {
        matcher: { id: "byName", options: "Span ID" },
        properties: [{ id: "links", value: links }],
      },
    ],
  });
  const field = frames[0]?.fields.find(({ name }) => name === "spanID");
  assert.deepEqual(
    field?.config.links?.map(({ title }) => title),
    ["mine", "Span: ${__value.raw}"],
  );
});

test("defaults, then overrides by name and by pattern, the last one wins", () => {
  const { frames, unknown } = configureFields([...rangeFrames(byStage), spansFrame(search)], {
    defaults: { unit: "s", displayName: "each" },
    overrides: [
      {
        matcher: { id: "byRegexp", options: '/(^|")llm\\.decode("|$)/' },
        properties: [
          { id: "displayName", value: "decode" },
          { id: "color", value: { mode: "fixed", fixedColor: "green" } },
        ],
      },
      {
        matcher: { id: "byName", options: "time" },
        properties: [
          { id: "displayName", value: "Began" },
          { id: "custom.width", value: 180 },
          { id: "custom.hideFrom.viz", value: true },
        ],
      },
      { matcher: { id: "byFrameRefID", options: "A" }, properties: [] },
      {
        matcher: { id: "byName", options: "spanID" },
        properties: [{ id: "filterable", value: true }],
      },
    ],
  });
  const named = (frame: Frame | undefined, index: number) => {
    const field = frame?.fields[index];
    assert.ok(frame !== undefined && field !== undefined);
    return [getDisplayName(field), field.config] as const;
  };
  assert.deepEqual(named(frames[0], 1), [
    "decode",
    {
      unit: "s",
      displayName: "decode",
      color: { mode: "fixed", fixedColor: "green" },
      custom: {},
    },
  ]);
  // As in Grafana, the datasource's own name beats the one of the defaults, and an override beats both.
  assert.equal(named(frames[1], 1)[0], "rerank");
  assert.deepEqual(named(frames[2], 4)[1].custom, { width: 180, hideFrom: { viz: true } });
  assert.equal(named(frames[0], 0)[0], "Began");
  assert.deepEqual(unknown, [
    "Overrides byFrameRefID are left out here.",
    "The property filterable of an override is left out here.",
  ]);
});

test("values are mapped, coloured by thresholds, and written in their unit", () => {
  const config = {
    unit: "µs",
    decimals: 1,
    noValue: "–",
    thresholds: {
      mode: "absolute",
      steps: [
        { value: null, color: "green" },
        { value: 1000, color: "red" },
      ],
    },
    mappings: [
      { type: "value", options: { "-1": { text: "unknown", color: "purple" } } },
      { type: "range", options: { from: 10, to: 20, result: { color: "#123456" } } },
      { type: "special", options: { match: "null", result: { color: "yellow" } } },
    ],
  };
  const shown = (value: number | null) => createDisplay(value, { type: "number", config }, "dark");
  assert.deepEqual(shown(500), { text: "500.0", suffix: " µs", colour: "#6dc56a" });
  assert.deepEqual(shown(1000), { text: "1.0", suffix: " ms", colour: "#f2555f" });
  assert.deepEqual(shown(-1), { text: "unknown", suffix: "", colour: "#b87fe8" });
  assert.equal(shown(15).colour, "#123456");
  assert.deepEqual(shown(null), { text: "–", suffix: "", colour: "#f5d033" });
});

test("thresholds in percent are of the way from min to max, and said to be missing without both", () => {
  const thresholds = {
    mode: "percentage",
    steps: [
      { value: null, color: "green" },
      { value: 50, color: "red" },
    ],
  };
  const colourAt = (value: number, limits: { min?: number; max?: number }) =>
    createDisplay(value, { type: "number", config: { thresholds, ...limits } }, "dark").colour;
  const limits = { min: 100, max: 300 };
  assert.equal(colourAt(199, limits), "#6dc56a");
  assert.equal(colourAt(200, limits), "#f2555f");
  assert.equal(colourAt(200, { min: 100 }), undefined);
  const frame: Frame = { fields: [{ name: "a", type: "number", values: [1], config: {} }] };
  const unknownWith = (more: object) =>
    configureFields([frame], { defaults: { thresholds, ...more } }).unknown;
  assert.deepEqual(unknownWith(limits), []);
  assert.match(unknownWith({ min: 1 }).join(), /^Thresholds in percent need a min and a max here/);
});
