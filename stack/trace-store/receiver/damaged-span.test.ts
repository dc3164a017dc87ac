import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import fc from "fast-check";
import { emptyResource, emptyScope, type Span } from "#contract";
import { miniserve } from "#miniserve";
import { arbitrarySpan } from "../testing/arbitrary-span.ts";
import { encodeJsonSpan, encodeSpan } from "../testing/encode-protobuf.ts";
import { type ReceiverUnderTest, startReceiverUnderTest } from "../testing/receiver-under-test.ts";
import { sampleSpan } from "../testing/sample-span.ts";
import { grpcExporter } from "../testing/send.ts";
import { delimited } from "../testing/wire-bytes.ts";

const seed = 20_261_130;
const numRuns = 150;

let receiver: ReceiverUnderTest;

before(async () => {
  receiver = await startReceiverUnderTest();
});
beforeEach(() => receiver.reset());
after(() => receiver.close());

const secret = "a secret sentence";

const neighbours = Array.from({ length: 99 }, (_, index) =>
  sampleSpan({
    spanId: (index + 1).toString(16).padStart(16, "0"),
    name: `neighbour ${index}`,
    resource: emptyResource,
    scope: emptyScope,
  }),
);
const spanIds = new Set(neighbours.map(({ spanId }) => spanId));

const span = arbitrarySpan(miniserve).map(
  (one): Span => ({ ...one, resource: emptyResource, scope: emptyScope, name: secret }),
);

/** Within the bytes of one message: some are overwritten, some cut out, some put in. */
const damage = fc.array(
  fc.record({ at: fc.nat(), cut: fc.nat(4), bytes: fc.uint8Array({ maxLength: 6 }) }),
  { minLength: 1, maxLength: 4 },
);

function damagedBytes(
  sent: Buffer,
  damages: readonly { at: number; cut: number; bytes: Uint8Array }[],
) {
  return damages.reduce((bytes, { at, cut, bytes: put }) => {
    const position = at % (bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, position), put, bytes.subarray(position + cut)]);
  }, sent);
}

/** Members and items anywhere in a span's JSON are replaced by something else. */
const replacements = fc.array(
  fc.record({
    at: fc.nat(),
    by: fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom("-1", 1e300, "\ud800")),
  }),
  { minLength: 1, maxLength: 4 },
);

function damagedJson(sent: unknown, damages: readonly { at: number; by: unknown }[]): unknown {
  const damaged = { span: JSON.parse(JSON.stringify(sent)) as unknown };
  for (const { at, by } of damages) {
    const places = placesIn(damaged);
    const [owner, key] = places[at % places.length] as (typeof places)[number];
    owner[key] = by;
  }
  return damaged.span;
}

function placesIn(owner: object): [owner: Record<string, unknown>, key: string][] {
  return Object.entries(owner).flatMap(([key, value]) => [
    [owner as Record<string, unknown>, key] as [Record<string, unknown>, string],
    ...(typeof value === "object" && value !== null ? placesIn(value) : []),
  ]);
}

/** The neighbours all arrive, and what is said repeats nothing. */
function assertNeighbours(said: string): void {
  const arrived = receiver.received.filter(({ spanId }) => spanIds.has(spanId));
  assert.ok(arrived.length >= neighbours.length, `${arrived.length} arrived`);
  assert.deepEqual(
    arrived.filter(({ name }) => name.startsWith("neighbour")),
    neighbours,
  );
  assert.ok(receiver.received.length <= neighbours.length + 1);
  assert.ok(!said.includes(secret), said);
}

test(`bytes of one span of a hundred are damaged: the others are stored (seed ${seed})`, async () => {
  const exporter = grpcExporter(receiver.grpcPort);
  const [first, last] = [neighbours.slice(0, 50), neighbours.slice(50)].map((some) =>
    some.map((one) => delimited(2, encodeSpan(one))),
  );
  await fc.assert(
    fc.asyncProperty(span, damage, async (sent, damages) => {
      const damaged = delimited(2, damagedBytes(encodeSpan(sent), damages));
      const body = delimited(1, delimited(2, ...(first ?? []), damaged, ...(last ?? [])));
      receiver.reset();
      const { status, body: answered } = await receiver.post(body);
      assert.equal(status, 200);
      assertNeighbours(answered.toString());
      receiver.reset();
      assertNeighbours((await exporter.export(body)).toString());
    }),
    { seed, numRuns },
  );
  exporter.close();
});

test(`members of one span of a hundred are damaged: the others are stored (seed ${seed})`, async () => {
  const spans = neighbours.map((one) => encodeJsonSpan(one, "otlp"));
  await fc.assert(
    fc.asyncProperty(span, replacements, async (sent, damages) => {
      const all = [
        ...spans.slice(0, 50),
        damagedJson(encodeJsonSpan(sent, "otlp"), damages),
        ...spans.slice(50),
      ];
      receiver.reset();
      const { status, body } = await receiver.post(
        JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: all }] }] }),
        { "content-type": "application/json" },
      );
      assert.equal(status, 200, body.toString());
      assertNeighbours(body.toString());
    }),
    { seed, numRuns },
  );
});
