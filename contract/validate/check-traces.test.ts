import assert from "node:assert/strict";
import { test } from "node:test";
import { type Contract, checkTraces, type KeyValue, type SampledTrace, type Span } from "#contract";
import { miniserve } from "#miniserve";
import { checkout } from "../../tests/support/traces/checkout.ts";
import {
  completeRequest,
  type RequestOverrides,
  randomHex,
} from "../../tests/support/traces/complete-request.ts";
import { withWireName } from "../../tests/support/wire-names.ts";

const nowMs = Date.UTC(2026, 0, 1);

/** A request that ended so many seconds ago, with what is done to each of its spans. */
function traceOf(
  secondsAgo: number,
  change: (span: Span) => Span | null = (span) => span,
  overrides: RequestOverrides = {},
  contract: Contract = checkout,
): SampledTrace {
  const traceId = randomHex(16);
  const spans = completeRequest(contract, { traceId, with: "all", ...overrides });
  const root = spans.find(({ parentSpanId }) => parentSpanId === null);
  const by = BigInt(nowMs - secondsAgo * 1000) * 1_000_000n - (root?.endTimeUnixNano ?? 0n);
  const moved = spans.map((span) => ({
    ...span,
    startTimeUnixNano: span.startTimeUnixNano + by,
    endTimeUnixNano: span.endTimeUnixNano + by,
  }));
  return { traceId, spans: moved.flatMap((span) => change(span) ?? []) };
}

function renameAttribute(from: string, to: string) {
  return (span: Span): Span => ({
    ...span,
    attributes: span.attributes.map(
      (one): KeyValue => (one.key === from ? { ...one, key: to } : one),
    ),
  });
}

const without = (name: string) => (span: Span) => (span.name === name ? null : span);

test("traces as contracted leave nothing to say, whosever spans are among them", () => {
  const other = traceOf(60, undefined, {}, miniserve);
  const mixed = traceOf(60);
  const refused = traceOf(60, undefined, { outcome: "refused", last: "cart" });
  const traces = [refused, { ...mixed, spans: [...mixed.spans, ...other.spans] }, other];
  assert.deepEqual(checkTraces(checkout, traces, nowMs), {
    traces: 2,
    brokenTraces: 0,
    requests: 2,
    unfinishedTraces: 0,
    violations: [],
    newNames: [],
    unseenNames: [],
  });
});

test("violations are counted by what they are about, with their newest example", () => {
  const newest = traceOf(60, without("cart.load"));
  const older = traceOf(600, without("cart.load"));
  const odd = traceOf(60, (span) => ({
    ...span,
    kind: span.name === "checkout" ? "consumer" : span.kind,
  }));
  const { violations, traces, brokenTraces } = checkTraces(
    checkout,
    [newest, older, odd, traceOf(60)],
    nowMs,
  );
  assert.deepEqual([traces, brokenTraces], [4, 3]);
  assert.deepEqual(
    violations.map(({ rule, spanName, subject, count, traces: of }) => [
      rule,
      spanName,
      subject,
      count,
      of,
    ]),
    [
      ["missing-span", "checkout", "cart.load", 2, 2],
      ["wrong-kind", "checkout", null, 1, 1],
    ],
  );
  assert.equal(violations[0]?.newest.traceId, newest.traceId);
  assert.equal(
    violations[0]?.newest.startedAtMs,
    Math.floor(Number((newest.spans[0]?.startTimeUnixNano ?? 0n) / 1_000_000n)),
  );
});

test("a name that no contract has is new, and what is gone may be what it was called", () => {
  const renamed = renameAttribute("shop.items.in", "shop.cart.count");
  const { newNames, violations } = checkTraces(
    checkout,
    [traceOf(60, renamed), traceOf(60)],
    nowMs,
  );
  assert.deepEqual(
    newNames.map(({ kind, name, spanName, count, insteadOf }) => [
      kind,
      name,
      spanName,
      count,
      insteadOf,
    ]),
    [["attribute", "shop.cart.count", "cart.load", 1, "shop.items.in"]],
  );
  assert.deepEqual(
    violations.map(({ rule, subject }) => [rule, subject]),
    [["missing-attribute", "shop.items.in"]],
  );
  const called = (span: Span) =>
    span.name === "cart.load" ? { ...span, name: "cart.read" } : span;
  const spans = checkTraces(checkout, [traceOf(60, called)], nowMs).newNames;
  assert.deepEqual(
    spans.map(({ kind, name, insteadOf }) => [kind, name, insteadOf]),
    [["span", "cart.read", "cart.load"]],
  );
  const added = (span: Span): Span => ({
    ...span,
    attributes: [
      ...span.attributes,
      { key: "shop.colour", value: { type: "string", value: "red" } },
    ],
  });
  const more = checkTraces(checkout, [traceOf(60, added)], nowMs);
  assert.equal(more.newNames.length, Object.keys(checkout.spans).length);
  assert.ok(
    more.newNames.every(({ name, insteadOf }) => name === "shop.colour" && insteadOf === null),
  );
});

test("an earlier name of the contract's is told by the one of now", () => {
  const renamed = withWireName(checkout, "shop.cart.id", "shop.basket");
  const { attributes } = renamed;
  const cartId = { ...attributes.cartId, renamedFrom: ["shop.cart.id"] };
  const contract: Contract = { ...renamed, attributes: { ...attributes, cartId } };
  assert.deepEqual(
    checkTraces(contract, [traceOf(60)], nowMs).newNames.map((one) => [one.name, one.renamedTo]),
    [["shop.cart.id", "shop.basket"]],
  );
});

test("an optional name that was renamed is new here and unseen there", () => {
  const renamed = renameAttribute("shop.express", "shop.expres");
  const { newNames, unseenNames } = checkTraces(checkout, [traceOf(60, renamed)], nowMs);
  assert.deepEqual(
    newNames.find(({ spanName }) => spanName === "checkout")?.insteadOf,
    "shop.express",
  );
  assert.deepEqual(
    unseenNames.map(({ name, spanNames }) => [name, spanNames]),
    [
      ["shop.express", ["checkout", "payment.charge"]],
      ["shop.refusal", ["checkout"]],
    ],
  );
});

test("of a span that is not there, its attributes are not missed too", () => {
  const { unseenNames } = checkTraces(checkout, [traceOf(60, undefined, { with: [] })], nowMs);
  assert.deepEqual(
    unseenNames.map(({ kind, name }) => [kind, name]),
    [
      ["span", "voucher.apply"],
      ["span", "payment.attempt"],
      ["attribute", "shop.refusal"],
    ],
  );
});

test("what may not be complete yet is no finding, and what is complete is judged at once", () => {
  const judged = (trace: SampledTrace) => {
    const { traces, unfinishedTraces } = checkTraces(checkout, [trace], nowMs);
    return `${traces} ${unfinishedTraces}`;
  };
  const [young, settled] = [traceOf(2, without("cart.load")), traceOf(20, without("cart.load"))];
  assert.deepEqual([young, settled].map(judged), ["0 1", "1 0"]);
  // The root comes last, perhaps minutes after the first stage.
  const [running, lost] = [traceOf(60, without("checkout")), traceOf(600, without("checkout"))];
  assert.deepEqual([running, lost].map(judged), ["0 1", "1 0"]);
  assert.equal(judged(traceOf(0)), "1 0");
  // A root under another name is there.
  const renamed = (span: Span) => (span.name === "checkout" ? { ...span, name: "buy" } : span);
  assert.equal(judged(traceOf(60, renamed)), "1 0");
});
