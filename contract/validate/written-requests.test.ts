import assert from "node:assert/strict";
import { test } from "node:test";
import { checkout, plainCheckout } from "../../tests/support/traces/checkout.ts";
import {
  completeRequest,
  type RequestOverrides,
} from "../../tests/support/traces/complete-request.ts";
import type { Contract } from "../define/contract.ts";
import type { KeyValue, Span } from "../otlp/span.ts";
import { validateTrace } from "./validate-trace.ts";

type Overrides = RequestOverrides<keyof typeof checkout.spans>;

function judge(contract: Contract, spans: readonly Span[]): string[] {
  return validateTrace(contract, spans).map(
    ({ rule, spanName, expected }) => `${rule} of ${spanName}: ${expected}`,
  );
}

const wrong: Record<string, [request: Overrides, ...found: string[]]> = {
  "a stage follows one that was interrupted": [
    {
      spans: {
        checkout: { values: { result: "abandoned", order: "open" } },
        pay: { values: { payment: "unknown" } },
      },
    },
    "value-not-allowed of payment.charge: another value: it was not cut",
  ],
  "completed by an interruption": [
    { spans: { pay: { values: { payment: "unknown" } } } },
    "value-not-allowed of payment.charge: another value: it was not cut",
  ],
  "completed without the last stage": [
    { without: ["place"] },
    "missing-span of checkout: order.place, as checkout did its work",
  ],
  "completed with half a stage": [
    { without: ["lookUp"] },
    "missing-span of payment.risk: payment.risk.look_up, as payment.risk did its work",
  ],
  "rejected in the middle of a stage": [
    { outcome: "refused", last: "cart", spans: { cart: { values: { itemsIn: undefined } } } },
    "missing-attribute of cart.load: shop.items.in",
  ],
  "rejected with an error": [
    { outcome: "refused", last: "cart", spans: { cart: { status: "error" } } },
    "wrong-status of cart.load: unset, as it did its work",
  ],
  "rejected without what its outcome needs": [
    { outcome: "refused", spans: { checkout: { values: { refusal: undefined } } } },
    "missing-attribute of checkout: shop.refusal",
  ],
  "an outcome that is a word of JavaScript": [
    { outcome: "refused", spans: { checkout: { values: { result: "constructor" } } } },
    "value-not-allowed of checkout: How the checkout ended.",
  ],
  "an interrupted stage is not the last": [
    { outcome: "expired", last: "pay", spans: { cart: { values: { itemsIn: undefined } } } },
    "missing-attribute of cart.load: shop.items.in",
  ],
  "a failure without its parent's": [
    { outcome: "broken", cut: "risk", spans: { pay: { status: "unset" } } },
    "wrong-status of payment.charge: error, as it failed",
  ],
  "a root that was interrupted and says otherwise": [
    { outcome: "abandoned", last: "cart", spans: { checkout: { values: { order: "placed" } } } },
    "value-not-allowed of checkout: shop.order.state = open, as it was interrupted",
  ],
};

for (const [name, [request, ...found]] of Object.entries(wrong)) {
  test(`wrong: ${name}`, () => {
    assert.deepEqual(judge(checkout, completeRequest(checkout, request)), found);
  });
}

test("without outcomes, a request without an error is whole, the root's attributes too", () => {
  const spans = { checkout: { values: { amount: undefined } } };
  assert.deepEqual(
    judge(plainCheckout, completeRequest(plainCheckout, { spans, without: ["pay"] })),
    [
      "missing-attribute of checkout: shop.amount",
      "missing-span of checkout: payment.charge, as checkout did its work",
    ],
  );
});

test("without outcomes, a request with an error failed, and says where", () => {
  const failed = completeRequest(plainCheckout, { outcome: "failed", last: "cart" });
  assert.deepEqual(judge(plainCheckout, failed), []);
  const silent = failed.map((span) => ({ ...span, events: [] }));
  assert.deepEqual(judge(plainCheckout, silent), ["wrong-exception of checkout: 1"]);
});

test("all that is wrong is told, each with span, rule, what was seen and what was expected", () => {
  const misplaced: KeyValue = { key: "shop.currency", value: { type: "string", value: "EUR" } };
  const spans = completeRequest(checkout, {
    spans: {
      cart: { values: { itemsIn: 1.5 } },
      pay: { values: { express: undefined } },
      risk: { values: { riskScore: 2 } },
      score: { values: { riskScore: 3 } },
    },
  }).map((span) => ({
    ...span,
    name: span.name === "order.place" ? "order.keep" : span.name,
    attributes: span.name === "cart.load" ? [...span.attributes, misplaced] : span.attributes,
  }));
  const idByName = new Map(spans.map(({ name, spanId }) => [name, spanId]));
  const names = Object.values(checkout.spans).map(({ name }) => name);
  const found = validateTrace(checkout, spans);
  for (const { traceId, spanId, spanName } of found) {
    assert.deepEqual([traceId, spanId], [spans[0]?.traceId, idByName.get(spanName)]);
  }
  assert.deepEqual(
    found.map(({ rule, spanName, seen, expected }) => [rule, spanName, seen, expected]),
    [
      ["wrong-type", "cart.load", "shop.items.in as double", "int"],
      ["misplaced-attribute", "cart.load", "shop.currency", "an attribute of cart.load"],
      ["missing-attribute", "payment.charge", "nothing", "shop.express"],
      ["unknown-span", "order.keep", "order.keep", names.join(", ")],
      ["missing-span", "checkout", "no order.place", "order.place, as checkout did its work"],
      [
        "same-score",
        "payment.risk",
        "2 and 3",
        "payment.risk:shop.risk_score = payment.risk.score:shop.risk_score",
      ],
    ],
  );
});
