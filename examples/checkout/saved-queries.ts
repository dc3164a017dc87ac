/** The checkout service's own questions about its traces; those of any contract come with them. */
import {
  type Contract,
  milliseconds,
  type SavedQueryGroup,
  serviceQueries,
  threshold,
} from "miniserve/contract";
import type { attributes, resource, spans } from "./spans.ts";

/** The words of the contract: identifiers and their types. */
type Checkout = Contract<typeof attributes, typeof spans, Contract["logEvents"], typeof resource>;

const cartQueries: SavedQueryGroup<Checkout> = (save) => [
  save("one-cart", {
    title: "One cart",
    question: "What happened to this cart?",
    action: "Open its trace: the last span says how far it came.",
    severity: "info",
    tags: ["carts"],
    parameters: {
      cart: { brief: "The id of the cart.", default: "c4r70001", isRequired: true },
    },
    build: (query, values) => {
      const found = query.spans("checkout", (a) => a.cartId.eq(values.cart));
      return { found, table: found.select("cartId", "result", "order", "refusal", "amount") };
    },
  }),
  save("generous-vouchers", {
    title: "Generous vouchers",
    question: "Which vouchers gave away many items?",
    action: "Look for the voucher in the cart, and end it if it is not meant to give so much.",
    severity: "warning",
    tags: ["vouchers"],
    parameters: {
      threshold: threshold(3, { brief: "How many items a voucher may give.", unit: "{item}" }),
    },
    build: (query, values) => {
      const found = query.spans("voucher", (a) => a.itemsGiven.gt(values.threshold));
      return { found, table: found.select("itemsGiven"), count: found.countOverTime() };
    },
  }),
];

const paymentQueries: SavedQueryGroup<Checkout> = (save) => [
  save("paid-without-order", {
    title: "Paid without an order",
    question: "Who paid and has no order?",
    action:
      "Place the order by hand or give the money back, then look at what broke behind the payment.",
    severity: "critical",
    tags: ["payments"],
    alert: { windowMinutes: 5, above: 0, forMinutes: 0 },
    build: (query) => {
      const paid = query.spans("pay", (a) => a.payment.eq("paid"));
      const found = query
        .spans("checkout", (a) => a.order.isOneOf("lost", "open"))
        .related("parent", paid);
      return {
        found,
        table: found.select("cartId", "result", "order"),
        count: found.countOverTime(),
      };
    },
  }),
  save("slow-payments", {
    title: "Slow payments",
    question: "Which payments took long?",
    action: "Open the trace and see whether the bank took the time, or the look at the risk.",
    severity: "warning",
    tags: ["payments", "speed"],
    parameters: {
      threshold: threshold(2000, { brief: "How long a payment may take.", unit: "ms" }),
    },
    build: (query, values) => {
      const found = query.spans("pay", (_, { duration }) =>
        duration.gt(milliseconds(values.threshold)),
      );
      return {
        found,
        table: found.select("payment", "currency", "amount", "express"),
        count: found.countOverTime(),
      };
    },
  }),
  save("repeated-attempts", {
    title: "Repeated attempts",
    question: "Which payments needed several attempts?",
    action: "A bank that wants a third attempt is about to fail: ask it.",
    severity: "info",
    tags: ["payments"],
    parameters: {
      threshold: threshold(3, { brief: "From which attempt on it matters.", unit: "{attempt}" }),
    },
    build: (query, values) => {
      const found = query.spans("attempt", (a) => a.attempt.eq(values.threshold));
      return { found, table: found.select("attempt", "amount"), count: found.countOverTime() };
    },
  }),
  save("risky-orders", {
    title: "Risky orders",
    question: "Which payments were taken although the risk was high?",
    action: "Check the order before it is sent.",
    severity: "warning",
    tags: ["payments"],
    parameters: { threshold: threshold(8, { brief: "From which score on.", unit: "1" }) },
    build: (query, values) => {
      const found = query
        .spans("risk", (a) => a.riskScore.gte(values.threshold))
        .related(
          "child",
          query.spans("pay", (a) => a.payment.eq("paid")),
        );
      return { found, table: found.select("riskScore"), count: found.countOverTime() };
    },
  }),
];

export const savedQueries = serviceQueries<Checkout>((save) => [
  ...cartQueries(save),
  ...paymentQueries(save),
]);
