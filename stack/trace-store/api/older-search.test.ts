import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyResource, type Span, type Value } from "#contract";
import { type Ask, startApiUnderTest } from "../testing/api-under-test.ts";
import { sampleSpan } from "../testing/sample-span.ts";

const { startTimeUnixNano: startNs } = sampleSpan();
const text = (value: string): Value => ({ type: "string", value });
const list = (values: Readonly<Record<string, Value>>) =>
  Object.entries(values).map(([key, value]) => ({ key, value }));

/** The first span of a trace, unless it has a parent; it takes so many milliseconds. */
function createSpan(trace: string, id: string, durationMs: number, changes: Partial<Span>): Span {
  return sampleSpan({
    traceId: trace.padStart(32, "0"),
    spanId: id.padStart(16, "0"),
    startTimeUnixNano: startNs,
    endTimeUnixNano: startNs + BigInt(durationMs) * 1_000_000n,
    ...changes,
  });
}

const createResource = (values: Readonly<Record<string, string>>) => ({
  ...emptyResource,
  attributes: list(Object.fromEntries(Object.entries(values).map(([key, v]) => [key, text(v)]))),
});
const shop = createResource({ "service.name": "my-shop", region: "eu", both: "of the resource" });
const billing = createResource({ "service.name": "billing", region: "us" });

const spans = [
  createSpan("1", "1", 1500, {
    name: "GET a.file",
    resource: shop,
    attributes: list({
      k: text("v"),
      room: text('a "big"\none'),
      both: text("of the span"),
      n: { type: "int", value: 50n },
      f: { type: "double", value: 1.5 },
      flag: { type: "bool", value: true },
    }),
  }),
  createSpan("1", "2", 10, {
    name: "child",
    parentSpanId: "1".padStart(16, "0"),
    status: { code: "error", message: "" },
    resource: shop,
    attributes: list({ j: text("w") }),
  }),
  createSpan("2", "3", 300, {
    name: "POST",
    resource: billing,
    attributes: list({ k: text("other") }),
  }),
  createSpan("2", "4", 10, {
    name: "child",
    parentSpanId: "3".padStart(16, "0"),
    resource: billing,
    attributes: list({ j: text("w"), n: { type: "int", value: 5n } }),
  }),
];

/** The ids of the traces found. */
async function found(ask: Ask, parameters: Record<string, string>): Promise<string> {
  const { status, text: body } = await ask("/api/search", parameters);
  assert.equal(status, 200, `${JSON.stringify(parameters)} ${body}`);
  const { traces } = JSON.parse(body) as { traces: { traceID: string }[] };
  return traces
    .map(({ traceID }) => traceID.slice(-1))
    .sort()
    .join("");
}

const tags = {
  "service.name=my-shop k=v j=w": "1",
  "service.name=my-sh": "1",
  "service.name=MY-SH": "1",
  "service.name=bill j=w": "2",
  "k=v": "1",
  "k=o": "2",
  "j=w": "12",
  "j=w k=v": "1",
  "j=w k=none": "",
  "region=u": "12",
  "region=us k=v": "",
  "both=span both2=x": "",
  "both=span": "1",
  "both=resource": "1",
  "name=file": "1",
  "name=a?file": "",
  "name=child k=other": "2",
  "  name=get   root.service.name=SHOP ": "1",
  "root.name=post name=child": "2",
  "root.name=child": "",
  'room="a \\"big\\"\\none"': "1",
  'room="\\u0062ig"': "1",
  "room=big": "1",
  'k="v"j="w"': "1",
  room: "1",
  "room=": "1",
  none: "",
  "n=5": "2",
  "n=50": "1",
  "f=1.5": "1",
  "flag=true": "1",
  "flag=false": "",
  "status.code=error k=v": "1",
  "status.code=2": "1",
  "constructor=x": "",
} as const;

test("tags of before TraceQL: each on any span or resource of the trace, by a part of its text", async (context) => {
  const { ask } = await startApiUnderTest(context, spans);
  for (const [asked, ids] of Object.entries(tags)) {
    assert.equal(await found(ask, { tags: asked }), ids, asked);
  }
  const { text: body } = await ask("/api/search", { tags: "k=other" });
  assert.deepEqual(
    Object.keys(JSON.parse(body).traces[0]),
    ["traceID", "rootServiceName", "rootTraceName", "startTimeUnixNano", "durationMs"],
    "without the spans that matched",
  );
});

test("bounds of the trace's duration hold at the border, alone and beside tags", async (context) => {
  const { ask } = await startApiUnderTest(context, spans);
  for (const [minDuration, maxDuration, ids] of [
    ["1500ms", "", "1"],
    ["1501ms", "", ""],
    ["", "1500ms", "12"],
    ["", "1499ms", "2"],
    ["1.5s", "1500ms", "1"],
    ["300ms", "1s", "2"],
    ["0s", "0s", "12"],
  ] as const) {
    assert.equal(
      await found(ask, { minDuration, maxDuration }),
      ids,
      `${minDuration} ${maxDuration}`,
    );
    const both = await found(ask, { minDuration, maxDuration, tags: "j=w" });
    assert.equal(both, ids, `${minDuration} ${maxDuration} beside tags`);
  }
});

test("what is wrong with them is said", async (context) => {
  const { ask } = await startApiUnderTest(context, spans);
  for (const [wrong, message] of [
    [{ tags: "=x" }, /key=value/],
    [{ tags: "a=b=c" }, /key=value/],
    [{ tags: 'a="b' }, /key=value/],
    [{ tags: 'a="\\q"' }, /key=value/],
    [{ tags: 'a=b"c"' }, /key=value/],
    [{ tags: "k=v k=w" }, /"k" is there twice/],
    [{ tags: "k=v k=v" }, /"k" is there twice/],
    [{ tags: "status.code=blue" }, /unset, ok, error/],
    [{ tags: "a=b", q: "{ }" }, /not both/],
    [{ minDuration: "abc" }, /minDuration/],
    [{ minDuration: "-1s" }, /minDuration/],
    [{ minDuration: "2s", maxDuration: "1s" }, /not be below/],
  ] as const) {
    const { status, text: body } = await ask("/api/search", wrong);
    assert.equal(status, 400, `${JSON.stringify(wrong)} ${body}`);
    assert.match(body, message);
  }
});
