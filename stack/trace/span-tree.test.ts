import assert from "node:assert/strict";
import { test } from "node:test";
import type { Span } from "#contract";
import { spans as definitions, miniserve } from "#miniserve";
import { sampleSpan } from "../trace-store/testing/sample-span.ts";
import { attributeLines, drawSpanTree } from "./span-tree.ts";

const milliseconds = 1_000_000n;
const begin = 1_700_000_000_000n * milliseconds;

/** A span from one millisecond to another, both counted from the beginning. */
function createSpan(
  id: string,
  parent: string | null,
  name: string,
  from: number,
  to: number,
): Span {
  return sampleSpan({
    spanId: id,
    parentSpanId: parent,
    name,
    startTimeUnixNano: begin + BigInt(from) * milliseconds,
    endTimeUnixNano: begin + BigInt(to) * milliseconds,
  });
}

const { handler, prefill, decode, decodeStep } = definitions;

test("draws each span on a line, with its place in the tree and in time", () => {
  const tokensOut = miniserve.attributes.tokensOut.key;
  const trace = [
    // In the order of a store: none.
    {
      ...createSpan("03", "01", decode.name, 100, 200),
      attributes: [
        { key: "not.in.the.contract", value: { type: "bool", value: true } as const },
        { key: tokensOut, value: { type: "int", value: 7n } as const },
      ],
    },
    createSpan("04", "03", decodeStep.name, 150, 160),
    createSpan("01", null, handler.name, 0, 200),
    createSpan("02", "01", prefill.name, 0, 100),
  ];
  const bar = (from: number, blocks: string) => `${" ".repeat(from)}${blocks}`;
  assert.deepEqual(drawSpanTree([miniserve], trace), [
    `${handler.name.padEnd(21)}    200 ms  ${bar(0, "█".repeat(24))}`,
    `${`├─ ${prefill.name}`.padEnd(21)}    100 ms  ${bar(0, "█".repeat(12))}`,
    `${`└─ ${decode.name}`.padEnd(21)}    100 ms  ${bar(12, "█".repeat(12))}  ${tokensOut}=7`,
    `${`   └─ ${decodeStep.name}`.padEnd(21)}   10.0 ms  ${bar(18, "█▎")}`,
  ]);
});

test("a span without an end, or that ends before it starts, took 0; an unknown start hides nobody", () => {
  const trace = [
    createSpan("01", null, handler.name, 0, 200),
    { ...createSpan("02", "01", prefill.name, 50, 0), endTimeUnixNano: 0n },
    createSpan("03", "01", decode.name, 100, 50),
    { ...createSpan("04", "01", decodeStep.name, 0, 200), startTimeUnixNano: 0n },
  ];
  const lines = drawSpanTree([miniserve], trace);
  assert.match(lines[0] ?? "", / 200 ms {2}█{24}$/);
  for (const name of [prefill.name, decode.name]) {
    assert.match(lines.find((line) => line.includes(`${name} `)) ?? "", / 0 ns {2} +[█▏▎▍▌▋▊▉]$/);
  }
  assert.doesNotMatch(lines.join(), /-\d/);
});

test("a name and a value of a stranger are shown, escaped and cut", () => {
  const key = "k\u001b[2J";
  const attributes = [{ key, value: { type: "string", value: "\u009b1m\n" } as const }];
  const strange = { ...createSpan("01", null, `\u0007${"x".repeat(5_000)}`, 0, 1), attributes };
  const lines = [
    ...drawSpanTree([miniserve], [strange]),
    ...attributeLines([miniserve], [strange], 100),
  ];
  assert.doesNotMatch(lines.join(""), /\p{Cc}/u);
  assert.match(lines.join("\n"), /k\\u001b\[2J="\\u009b1m\\n"/);
  assert.ok(lines.every((line) => line.length < 200));
});

test("every span is drawn once: orphans, circles and strangers too", () => {
  const trace = [
    createSpan("01", "99", handler.name, 0, 10),
    createSpan("02", "77", "someone.elses", 1, 2),
    createSpan("03", "04", "a.circle", 2, 3),
    createSpan("04", "03", "b.circle", 3, 4),
    createSpan("05", "05", "its.own.parent", 4, 5),
  ];
  const names = drawSpanTree([miniserve], trace).map((line) => /[a-z.]+/.exec(line)?.[0]);
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
  const trace = [{ ...createSpan("01", null, handler.name, 0, 1), attributes: [{ key, value }] }];
  const [, below] = drawSpanTree([miniserve], trace, { columns: 80 });
  assert.equal(below?.length, 80);
  assert.ok(below?.endsWith("…"));
  assert.deepEqual(drawSpanTree([miniserve], []), []);
});

test("a span that ends before it starts does not break the drawing", () => {
  const lines = drawSpanTree(
    [miniserve],
    [createSpan("01", null, handler.name, 10, 0), createSpan("02", "01", prefill.name, 20, 5)],
  );
  assert.equal(lines.length, 2);
});

const int = (value: number) => ({ type: "int", value: BigInt(value) }) as const;
const text = (value: string) => ({ type: "string", value }) as const;
const keys = miniserve.attributes;

/** A request that waited from the 20th to the 80th millisecond, with its attributes in no good order. */
function slowRequest(waitUs: number): Span[] {
  const attributes = [
    { key: keys.slotWaitUs.key, value: int(waitUs) },
    { key: keys.timeToFirstTokenUs.key, value: int(90_000) },
    { key: keys.statusCode.key, value: int(500) },
    { key: keys.errorType.key, value: text("generation_failed") },
    { key: keys.outcome.key, value: text("failed") },
  ];
  const ends = [
    { key: keys.tokensOut.key, value: int(7) },
    { key: keys.stopReason.key, value: text("length") },
  ];
  return [
    { ...createSpan("01", null, handler.name, 0, 160), attributes },
    createSpan("02", "01", definitions.tokenize.name, 0, 20),
    createSpan("03", "01", prefill.name, 80, 100),
    { ...createSpan("04", "01", decode.name, 100, 160), attributes: ends },
  ];
}

test("shows why a request was slow, or failed, the important first and none cut", () => {
  const lines = drawSpanTree([miniserve], slowRequest(60_000), { columns: 80 });
  assert.ok(
    lines.every((line) => line.length <= 80),
    lines.join("\n"),
  );
  const text = lines.join("\n");
  const shown = [
    `${keys.outcome.key}=failed`,
    `${keys.errorType.key}=generation_failed`,
    `${keys.statusCode.key}=500`,
    `${keys.timeToFirstTokenUs.key}=90000`,
    `${keys.slotWaitUs.key}=60000`,
    `${keys.stopReason.key}=length`,
    `${keys.tokensOut.key}=7`,
  ];
  const places = shown.map((fact) => text.indexOf(fact));
  assert.ok(!places.includes(-1), text);
  assert.deepEqual(
    places.toSorted((a, b) => a - b),
    places,
  );
});

test("draws the wait for a slot between the stages, and leaves out one of no time", () => {
  const named = (lines: string[]) => lines.filter((line) => /^[├└]─ /.test(line));
  const waited = named(drawSpanTree([miniserve], slowRequest(60_000), { columns: 100 }));
  assert.deepEqual(
    waited.map((line) => /^[├└]─ (.+?) {2,}/.exec(line)?.[1]),
    [definitions.tokenize.name, "waiting for a slot", prefill.name, decode.name],
  );
  assert.match(waited[1] ?? "", / 60\.0 ms {2} {3}░{9}$/);
  const [root, ...others] = drawSpanTree([miniserve], slowRequest(900), { columns: 200 });
  assert.equal(others.length, 3);
  assert.ok(!root?.includes(keys.slotWaitUs.key));
});
