import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { type Span, writeResourceSpans } from "#contract";
import { decodeResponse, encodeProtobuf } from "../testing/encode-protobuf.ts";
import { type OddSpan, oddSpans, startNs } from "../testing/odd-spans.ts";
import { type ReceiverUnderTest, startReceiverUnderTest } from "../testing/receiver-under-test.ts";
import { sampleSpan } from "../testing/sample-span.ts";
import { grpcExporter } from "../testing/send.ts";
import { delimited } from "../testing/wire-bytes.ts";
import { type Outcome, type OutcomeCounts, refusedSpans } from "./outcomes.ts";

/** An hour after the spans. */
const nowMs = Number(startNs / 1_000_000n) + 3_600_000;
const nowNs = BigInt(nowMs) * 1_000_000n;

let receiver: ReceiverUnderTest;
let exporter: ReturnType<typeof grpcExporter>;

before(async () => {
  receiver = await startReceiverUnderTest({ nowMs: () => nowMs });
  exporter = grpcExporter(receiver.grpcPort);
});
beforeEach(() => receiver.reset());
after(async () => {
  exporter.close();
  await receiver.close();
});

const neighbours = [
  sampleSpan({ spanId: "1111111111111111", name: "before" }),
  sampleSpan({ spanId: "2222222222222222", name: "after" }),
] as const;

/** What an answer says of the spans that were not taken. */
interface Rejection {
  readonly rejectedSpans?: string | number;
  readonly errorMessage?: string;
}

/** Each sends the odd span between its neighbours, and returns the partial success. */
const forms: Readonly<Record<string, (odd: OddSpan) => Promise<Rejection | undefined>>> = {
  gRPC: async ({ wire }) => {
    const answer = decodeResponse(await exporter.export(wireBody(wire)));
    return answer.partialSuccess as Rejection | undefined;
  },
  protobuf: async ({ wire }) => {
    const { status, body } = await receiver.post(wireBody(wire));
    assert.equal(status, 200, body.toString());
    return decodeResponse(body).partialSuccess as Rejection | undefined;
  },
  JSON: async ({ json }) => {
    const { status, body } = await receiver.post(jsonBody(json), {
      "content-type": "application/json",
    });
    assert.equal(status, 200, body.toString());
    return JSON.parse(body.toString()).partialSuccess;
  },
};

function wireBody(odd: Buffer): Buffer {
  const [before, after] = neighbours.map((span) => encodeProtobuf([span]));
  return Buffer.concat([
    before as Buffer,
    delimited(1, delimited(2, delimited(2, odd))),
    after as Buffer,
  ]);
}

function jsonBody(odd: unknown): string {
  const [before, after] = neighbours.map((span) => writeResourceSpans([span], "otlp"));
  return JSON.stringify({
    resourceSpans: [...(before ?? []), { scopeSpans: [{ spans: [odd] }] }, ...(after ?? [])],
  });
}

function difference(later: OutcomeCounts, earlier: OutcomeCounts): OutcomeCounts {
  const changed = (Object.entries(later) as [Outcome, number][]).map(
    ([outcome, count]) => [outcome, count - (earlier[outcome] ?? 0)] as const,
  );
  return Object.fromEntries(changed.filter(([, count]) => count > 0));
}

for (const [what, odd] of Object.entries(oddSpans)) {
  test(`the same verdict in every form: ${what}`, async () => {
    const verdicts: (readonly Span[])[] = [];
    for (const [form, sendOdd] of Object.entries(forms)) {
      receiver.reset();
      const { outcomes: countedBefore } = receiver.counts();
      const rejection = await sendOdd(odd);
      const [first, ...others] = receiver.received;
      assert.deepEqual([first, others.pop()], neighbours, form);
      assert.deepEqual(difference(receiver.counts().outcomes, countedBefore), odd.outcomes, form);
      const refused = refusedSpans(odd.outcomes);
      assert.equal(others.length, 1 - refused, form);
      assert.equal(Number(rejection?.rejectedSpans ?? 0), refused, form);
      const isSaid = Object.keys(odd.outcomes).length > 0;
      assert.equal(rejection !== undefined, isSaid, form);
      assert.ok(!isSaid || (rejection?.errorMessage ?? "").length > 0, form);
      verdicts.push(others);
    }
    const [first, ...others] = verdicts;
    for (const verdict of others) {
      assert.deepEqual(verdict, first);
    }
    for (const span of first ?? []) {
      assertPossible(span);
    }
  });
}

/** Whatever was sent, what is stored has times of this age, in their order, and texts that are some. */
function assertPossible(span: Span): void {
  const { startTimeUnixNano: start, endTimeUnixNano: end, events } = span;
  const latest = nowNs + 24n * 3_600_000_000_000n;
  assert.ok(start > 0n && start <= end && end <= latest);
  for (const { timeUnixNano } of events) {
    assert.ok(timeUnixNano > 0n && timeUnixNano <= latest);
  }
  const text = JSON.stringify(span, (_key, value) =>
    typeof value === "bigint" ? String(value) : value,
  );
  assert.doesNotMatch(text, /\\ud[89a-f]/i);
}
