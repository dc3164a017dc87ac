/** The checkout's spans, their attributes, and the sender of both. */
import {
  boolean,
  defineAttributes,
  defineResource,
  defineSpanTree,
  double,
  int,
  oneOf,
  span,
  string,
} from "miniserve/contract";

export const attributes = defineAttributes({
  cartId: string("shop.cart.id", {
    brief: "The cart that is bought.",
    pattern: /[a-z0-9]{8}/,
    examples: ["c4r70001"],
    unique: true,
  }),
  itemsIn: int("shop.items.in", { brief: "Items in the cart.", min: 0, examples: [3] }),
  itemsSold: int("shop.items.sold", { brief: "Items in the order.", min: 0, examples: [3] }),
  itemsGiven: int("shop.items.given", {
    brief: "Items that a voucher gives for free.",
    min: 0,
    examples: [0],
  }),
  amount: double("shop.amount", { brief: "What is paid.", min: 0, max: 1e6, examples: [9.5, 10] }),
  currency: oneOf("shop.currency", ["EUR", "USD"], { brief: "The currency of the amount." }),
  express: boolean("shop.express", { brief: "Whether the order is sent at once." }),
  attempt: int("shop.payment.attempt", {
    brief: "Which attempt to charge it is.",
    min: 1,
    examples: [1],
  }),
  payment: oneOf("shop.payment.state", ["paid", "declined", "unknown"], {
    brief: "How the payment stands.",
  }),
  riskScore: int("shop.risk_score", {
    brief: "How risky the payment is, from 0 to 9.",
    min: 0,
    max: 9,
    examples: [2],
  }),
  order: oneOf("shop.order.state", ["placed", "open", "lost"], { brief: "How the order stands." }),
  result: oneOf("shop.result", ["ordered", "refused", "broken", "abandoned", "expired"], {
    brief: "How the checkout ended.",
  }),
  refusal: string("shop.refusal", {
    brief: "Why the cart was refused.",
    pattern: /[a-z_]{1,20}/,
    examples: ["empty"],
  }),
});

export const resource = defineResource({
  attributes: defineAttributes({
    service: string("service.name", { brief: "The name of the service.", examples: ["checkout"] }),
    region: oneOf("cloud.region", ["north", "south"], { brief: "Where the service runs." }),
  }),
  serviceName: "service",
  defaults: { service: "checkout" },
});

export const spans = defineSpanTree(attributes, {
  checkout: span("checkout", {
    brief: "From cart to order.",
    parent: null,
    kind: "server",
    atStart: ["cartId"],
    atEnd: ["result"],
    onSuccess: ["amount", "order"],
    optional: ["express", "refusal"],
    whenInterrupted: { order: "open" },
    whenFailed: { order: "lost" },
  }),
  cart: span("cart.load", { brief: "Loads the cart.", parent: "checkout", onSuccess: ["itemsIn"] }),
  voucher: span("voucher.apply", {
    brief: "Gives items for free.",
    parent: "checkout",
    presence: "optional",
    onSuccess: ["itemsGiven"],
  }),
  pay: span("payment.charge", {
    brief: "Charges the customer.",
    parent: "checkout",
    kind: "client",
    atStart: ["currency"],
    atEnd: ["express"],
    onSuccess: ["amount", "payment"],
    whenInterrupted: { payment: "unknown" },
    whenFailed: { payment: "declined" },
  }),
  risk: span("payment.risk", {
    brief: "Judges the risk of the payment.",
    parent: "pay",
    onSuccess: ["riskScore"],
  }),
  lookUp: span("payment.risk.look_up", { brief: "Looks up the customer.", parent: "risk" }),
  score: span("payment.risk.score", {
    brief: "Scores the risk.",
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
