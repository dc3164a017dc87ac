/** For tests: contracts for another service, written with nothing but the definition functions. */
import {
  boolean,
  counter,
  defineAttributes,
  defineContract,
  defineLogEvents,
  defineMetrics,
  defineResource,
  defineSpanTree,
  double,
  histogram,
  int,
  logEvent,
  oneOf,
  span,
  string,
} from "#contract";

const attributes = defineAttributes({
  cartId: string("shop.cart.id", {
    brief: "The cart that is bought.",
    pattern: /[a-z0-9]{8}/,
    examples: ["c4r70001"],
    unique: true,
  }),
  itemsIn: int("shop.items.in", { brief: "Items in the cart.", min: 0, examples: [3] }),
  itemsSold: int("shop.items.sold", { brief: "Items in the order.", min: 0, examples: [3] }),
  itemsGiven: int("shop.items.given", { brief: "Items for free.", min: 0, examples: [0] }),
  amount: double("shop.amount", { brief: "The price.", min: 0, max: 1e6, examples: [9.5, 10] }),
  currency: oneOf("shop.currency", ["EUR", "USD"], { brief: "Of the amount." }),
  express: boolean("shop.express", { brief: "Whether it is sent at once." }),
  attempt: int("shop.payment.attempt", { brief: "Which attempt.", min: 1, examples: [1] }),
  payment: oneOf("shop.payment.state", ["paid", "declined", "unknown"], {
    brief: "How the payment stands.",
  }),
  riskScore: int("shop.risk_score", { brief: "From 0 to 9.", min: 0, max: 9, examples: [2] }),
  order: oneOf("shop.order.state", ["placed", "open", "lost"], { brief: "How it stands." }),
  result: oneOf("shop.result", ["ordered", "refused", "broken", "abandoned", "expired"], {
    brief: "How the checkout ended.",
  }),
  refusal: string("shop.refusal", { brief: "Why.", pattern: /[a-z_]{1,20}/, examples: ["empty"] }),
});

const resource = defineResource({
  attributes: defineAttributes({
    service: string("service.name", { brief: "The service.", examples: ["checkout"] }),
    region: oneOf("cloud.region", ["north", "south"], { brief: "Where it runs." }),
  }),
  serviceName: "service",
  defaults: { service: "checkout" },
});

/** Without outcomes: a request did all its work, or its root has an error. */
const plainSpans = defineSpanTree(attributes, {
  checkout: span("checkout", {
    brief: "From cart to order.",
    parent: null,
    kind: "consumer",
    atStart: ["cartId"],
    onSuccess: ["amount"],
    optional: ["express"],
  }),
  cart: span("cart.load", { brief: "Loads.", parent: "checkout", onSuccess: ["itemsIn"] }),
  pay: span("payment.charge", {
    brief: "Charges.",
    parent: "checkout",
    kind: "client",
    atEnd: ["payment"],
  }),
});

export const plainCheckout = defineContract({
  tracerName: "shop.checkout",
  resource,
  attributes,
  spans: plainSpans,
  logEvents: {},
  invariants: [],
});

/**
 * With everything that a contract can say and miniserve's does not: values that the root has on
 * success or instead, samples with values on success, stages within stages within stages.
 */
const spans = defineSpanTree(attributes, {
  checkout: span("checkout", {
    brief: "From cart to order.",
    parent: null,
    kind: "consumer",
    atStart: ["cartId"],
    atEnd: ["result"],
    onSuccess: ["amount", "order"],
    optional: ["express", "refusal"],
    whenInterrupted: { order: "open" },
    whenFailed: { order: "lost" },
  }),
  cart: span("cart.load", { brief: "Loads.", parent: "checkout", onSuccess: ["itemsIn"] }),
  voucher: span("voucher.apply", {
    brief: "Gives items for free.",
    parent: "checkout",
    presence: "optional",
    onSuccess: ["itemsGiven"],
  }),
  pay: span("payment.charge", {
    brief: "Charges.",
    parent: "checkout",
    kind: "client",
    atStart: ["currency"],
    atEnd: ["express"],
    onSuccess: ["amount", "payment"],
    whenInterrupted: { payment: "unknown" },
    whenFailed: { payment: "declined" },
  }),
  risk: span("payment.risk", { brief: "Judges.", parent: "pay", onSuccess: ["riskScore"] }),
  lookUp: span("payment.risk.look_up", { brief: "Looks up.", parent: "risk" }),
  score: span("payment.risk.score", {
    brief: "Scores.",
    parent: "risk",
    onSuccess: ["riskScore"],
  }),
  attempt: span("payment.attempt", {
    brief: "One attempt to charge.",
    parent: "pay",
    presence: "sampled",
    atStart: ["attempt"],
    onSuccess: ["amount"],
  }),
  place: span("order.place", {
    brief: "Places the order.",
    parent: "checkout",
    onSuccess: ["itemsSold"],
  }),
});

export const checkout = defineContract({
  tracerName: "shop.checkout",
  resource: {
    ...resource,
    instance: string("shop.till", { brief: "Which till.", pattern: /[\w-]+/, examples: ["t1"] }),
  },
  attributes,
  spans,
  logEvents: defineLogEvents(attributes, {
    paid: logEvent("payment.paid", {
      brief: "Money came in.",
      level: "info",
      span: "pay",
      optionalFields: ["amount", "currency"],
    }),
  }),
  metrics: defineMetrics(attributes, {
    itemsSold: counter("shop.orders.items", {
      brief: "Items in all orders.",
      advice: "More is better.",
      unit: "{item}",
      attributes: ["currency", "express"],
    }),
    checkoutTime: histogram("shop.checkout.time", {
      brief: "How long a checkout took.",
      advice: "Look at the payment.",
      unit: "s",
      buckets: [0.5, 1, 10],
      attributes: ["result"],
      alert: {
        title: "Checkouts are slow",
        action: "Call the bank.",
        severity: "warning",
        above: 5,
        windowMinutes: 5,
        forMinutes: 1,
      },
    }),
  }),
  outcomes: {
    attribute: "result",
    byName: {
      ordered: { brief: "All went well.", tree: "complete", rootStatus: "unset" },
      refused: {
        brief: "It could not be bought.",
        tree: "rejected",
        rootStatus: "unset",
        needs: ["refusal"],
      },
      broken: { brief: "A stage threw.", tree: "failed", rootStatus: "error" },
      abandoned: { brief: "Nobody waits.", tree: "interrupted", rootStatus: "unset" },
      expired: { brief: "It took too long.", tree: "interrupted", rootStatus: "error" },
    },
  },
  invariants: [
    {
      rule: "all-sold",
      brief: "What was in the cart is in the order.",
      left: ["place.itemsSold"],
      relation: "equals",
      right: ["cart.itemsIn"],
      unless: "voucher",
    },
    {
      rule: "gifts-sold-too",
      brief: "What was given for free is in the order too.",
      left: ["place.itemsSold"],
      relation: "at-least",
      right: ["cart.itemsIn", "voucher.itemsGiven"],
    },
    {
      rule: "same-score",
      brief: "The score is passed on.",
      left: ["risk.riskScore"],
      relation: "equals",
      right: ["score.riskScore"],
    },
  ],
});
