import assert from "node:assert/strict";
import { test } from "node:test";
import { checkout, plainCheckout } from "../../tests/support/traces/checkout.ts";
import type { Contract } from "../define/contract.ts";
import { emptyScope, type KeyValue, type Span, type StatusCode } from "../otlp/span.ts";
import { validateTrace } from "./validate-trace.ts";

function textOf(attributes: Readonly<Record<string, string>>): KeyValue[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: { type: "string", value },
  }));
}

const price: KeyValue = { key: "shop.amount", value: { type: "int", value: 10n } };

/** One span of a checkout; the id of the root is 1. */
function spanOf(name: string, attributes: readonly KeyValue[], status: StatusCode = "unset"): Span {
  const isRoot = name === "checkout";
  return {
    traceId: "c".repeat(32),
    spanId: isRoot ? "0000000000000001" : Buffer.from(name).toString("hex").slice(-16),
    parentSpanId: isRoot ? null : "0000000000000001",
    traceState: "",
    flags: 1,
    name,
    kind: isRoot ? "consumer" : name === "payment.charge" ? "client" : "internal",
    startTimeUnixNano: 5n,
    endTimeUnixNano: 5n,
    attributes,
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: status, message: "" },
    resource: {
      attributes: textOf({ "service.name": "checkout", "cloud.region": "north" }),
      droppedAttributesCount: 0,
      schemaUrl: "",
    },
    scope: { ...emptyScope, name: "shop.checkout" },
  };
}

const cart = spanOf("cart.load", [{ key: "shop.items.in", value: { type: "int", value: 3n } }]);
const pay = spanOf("payment.charge", textOf({ "shop.payment.state": "paid" }));
const cartId = textOf({ "shop.cart.id": "c4r70001" });

function judge(contract: Contract, ...spans: readonly Span[]): string[] {
  return validateTrace(contract, spans).map(
    ({ rule, spanName, expected }) => `${spanName}: ${rule}: ${expected}`,
  );
}

test("without outcomes, a request without an error is whole, the root's attributes too", () => {
  assert.deepEqual(judge(plainCheckout, spanOf("checkout", [...cartId, price]), cart, pay), []);
  assert.deepEqual(judge(plainCheckout, spanOf("checkout", cartId), cart), [
    "checkout: missing-attribute: shop.amount",
    "checkout: missing-span: payment.charge, as checkout did its work",
  ]);
});

test("without outcomes, a request with an error failed, and says where", () => {
  const failed = spanOf("checkout", cartId, "error");
  const exception = {
    timeUnixNano: 5n,
    name: "exception",
    attributes: textOf({ "exception.type": "CartError" }),
    droppedAttributesCount: 0,
  };
  assert.deepEqual(judge(plainCheckout, { ...failed, events: [exception] }, cart), []);
  assert.deepEqual(judge(plainCheckout, failed, cart), ["checkout: wrong-exception: 1"]);
});

test("with outcomes, a root that was interrupted says so in its own values", () => {
  const root = (order: string) =>
    spanOf("checkout", [
      ...cartId,
      ...textOf({ "shop.result": "abandoned", "shop.order.state": order }),
    ]);
  assert.deepEqual(judge(checkout, root("open"), cart), []);
  assert.deepEqual(judge(checkout, root("placed"), cart), [
    "checkout: value-not-allowed: shop.order.state = open, as it was interrupted",
  ]);
});
