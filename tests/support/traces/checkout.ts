/** For tests: contracts for another service, written with nothing but the definition functions. */
import { defineContract, defineSpanTree, span } from "#contract";
import { checkout } from "../../../examples/checkout/contract.ts";
import { attributes, resource } from "../../../examples/checkout/spans.ts";

/**
 * With everything that a contract can say and miniserve's does not: values that the root has on
 * success or instead, samples with values on success, stages within stages within stages.
 */
export { checkout };

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
  cart: span("cart.load", { brief: "Loads the cart.", parent: "checkout", onSuccess: ["itemsIn"] }),
  pay: span("payment.charge", {
    brief: "Charges the customer.",
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
