import assert from "node:assert/strict";
import { test } from "node:test";
import { spans as definitions, emptyResource, emptyScope, miniserve, type Span } from "#contract";
import { drawSpanTree } from "./span-tree.ts";

const milliseconds = 1_000_000n;
const begin = 1_700_000_000_000n * milliseconds;

/** A span from one millisecond to another, both counted from the beginning. */
function spanOf(id: string, parent: string | null, name: string, from: number, to: number): Span {
  return {
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: id,
    parentSpanId: parent,
    traceState: "",
    flags: 1,
    name,
    kind: "internal",
    startTimeUnixNano: begin + BigInt(from) * milliseconds,
    endTimeUnixNano: begin + BigInt(to) * milliseconds,
    attributes: [],
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: "unset", message: "" },
    resource: emptyResource,
    scope: emptyScope,
  };
}

const { handler, prefill, decode, decodeStep } = definitions;

test("draws each span on a line, with its place in the tree and in time", () => {
  const tokensOut = miniserve.attributes.tokensOut.key;
  const trace = [
    // In the order of a store: none.
    {
      ...spanOf("03", "01", decode.name, 100, 200),
      attributes: [
        { key: "not.in.the.contract", value: { type: "bool", value: true } as const },
        { key: tokensOut, value: { type: "int", value: 7n } as const },
      ],
    },
    spanOf("04", "03", decodeStep.name, 150, 160),
    spanOf("01", null, handler.name, 0, 200),
    spanOf("02", "01", prefill.name, 0, 100),
  ];
  const bar = (from: number, blocks: string) => `${" ".repeat(from)}${blocks}`;
  assert.deepEqual(drawSpanTree(miniserve, trace), [
    `${handler.name.padEnd(21)}    200 ms  ${bar(0, "█".repeat(24))}`,
    `${`├─ ${prefill.name}`.padEnd(21)}    100 ms  ${bar(0, "█".repeat(12))}`,
    `${`└─ ${decode.name}`.padEnd(21)}    100 ms  ${bar(12, "█".repeat(12))}  ${tokensOut}=7`,
    `${`   └─ ${decodeStep.name}`.padEnd(21)}   10.0 ms  ${bar(18, "█▎")}`,
  ]);
});

test("every span is drawn once: orphans, circles and strangers too", () => {
  const trace = [
    spanOf("01", "99", handler.name, 0, 10),
    spanOf("02", "77", "someone.elses", 1, 2),
    spanOf("03", "04", "a.circle", 2, 3),
    spanOf("04", "03", "b.circle", 3, 4),
    spanOf("05", "05", "its.own.parent", 4, 5),
  ];
  const names = drawSpanTree(miniserve, trace).map((line) => /[a-z.]+/.exec(line)?.[0]);
  assert.deepEqual(names, [
    handler.name,
    "someone.elses",
    "a.circle",
    "b.circle",
    "its.own.parent",
  ]);
});

test("keeps to the columns, and draws nothing of nothing", () => {
  const value = { type: "string", value: "x".repeat(200) } as const;
  const key = miniserve.attributes.outcome.key;
  const trace = [{ ...spanOf("01", null, handler.name, 0, 1), attributes: [{ key, value }] }];
  const [line] = drawSpanTree(miniserve, trace, { columns: 80 });
  assert.equal(line?.length, 80);
  assert.ok(line?.endsWith("…"));
  assert.deepEqual(drawSpanTree(miniserve, []), []);
});

test("a span that ends before it starts does not break the drawing", () => {
  const lines = drawSpanTree(miniserve, [
    spanOf("01", null, handler.name, 10, 0),
    spanOf("02", "01", prefill.name, 20, 5),
  ]);
  assert.equal(lines.length, 2);
});
