/** What the service of `checkout.py` promises of its traces, metrics and log lines. */
import {
  counter,
  defineContract,
  defineLogEvents,
  defineMetrics,
  histogram,
  logEvent,
  string,
} from "miniserve/contract";
import { savedQueries } from "./saved-queries.ts";
import { attributes, resource, spans } from "./spans.ts";

/** Tells the metrics of one process from those of another. */
const till = string("shop.till", {
  brief: "The process that took the cart.",
  pattern: /[\w-]+/,
  examples: ["t1"],
});

export const checkout = defineContract({
  tracerName: "shop.checkout",
  resource: { ...resource, instance: till },
  attributes,
  spans,
  logEvents: defineLogEvents(attributes, {
    paid: logEvent("payment.paid", {
      brief: "The payment was taken.",
      level: "info",
      span: "pay",
      optionalFields: ["amount", "currency"],
    }),
  }),
  metrics: defineMetrics(attributes, {
    itemsSold: counter("shop.orders.items", {
      brief: "Items in all orders.",
      advice: "A sudden drop: look at refused and failed checkouts.",
      unit: "{item}",
      attributes: ["currency", "express"],
    }),
    checkoutTime: histogram("shop.checkout.time", {
      brief: "How long a checkout took.",
      advice: "Look at the payment: it takes most of the time.",
      unit: "s",
      buckets: [0.5, 1, 10],
      attributes: ["result"],
      alert: {
        title: "Checkouts are slow",
        action: "Look at Slow payments; if the bank is slow, tell it.",
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
      ordered: { brief: "The order was placed.", tree: "complete", rootStatus: "unset" },
      refused: {
        brief: "The cart could not be bought.",
        tree: "rejected",
        rootStatus: "unset",
        needs: ["refusal"],
      },
      broken: { brief: "A stage failed.", tree: "failed", rootStatus: "error" },
      abandoned: { brief: "The customer left.", tree: "interrupted", rootStatus: "unset" },
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
  savedQueries,
});
