import assert from "node:assert/strict";
import { test } from "node:test";
import { type Contract, getRootSpan, isForRequest, validateTrace } from "#contract";
import { miniserve } from "#miniserve";
import { checkout, plainCheckout } from "./checkout.ts";
import { completeRequest, completeTree } from "./complete-request.ts";

const mainKind = ({ attributes }: Contract, key: string) => attributes[key]?.values?.[0];

const contracts: Readonly<Record<string, Contract>> = { miniserve, checkout, plainCheckout };

for (const [name, contract] of Object.entries(contracts)) {
  const stages = Object.values(contract.spans).filter(({ parent }) => parent !== null);

  test(`${name}: a request is valid, with and without what is on demand, and none is missing`, () => {
    for (const wanted of [[], "all"] as const) {
      assert.deepEqual(validateTrace(contract, completeRequest(contract, { with: wanted })), []);
    }
    const root = getRootSpan(contract).identifier;
    const kinds = stages.flatMap(({ onlyFor }) =>
      onlyFor === undefined ? [] : [{ [onlyFor.attribute]: onlyFor.isOneOf[0] }],
    );
    const names = [{}, ...kinds].flatMap((values) => {
      const spans = completeRequest(contract, { with: "all", spans: { [root]: { values } } });
      assert.deepEqual(validateTrace(contract, spans), []);
      return spans.map((span) => span.name);
    });
    assert.deepEqual(
      [...new Set(names)].toSorted(),
      Object.values(contract.spans)
        .map((span) => span.name)
        .toSorted(),
    );
  });

  test(`${name}: a request that ends in any stage, in any way, is valid`, () => {
    for (const [outcome, { tree }] of Object.entries(contract.outcomes?.byName ?? {})) {
      for (const stage of stages) {
        const { identifier, parent } = stage;
        const place = `${outcome} in ${identifier}`;
        if (tree === "rejected" && parent === getRootSpan(contract).identifier) {
          const siblings = stages.filter(
            (other) =>
              other.parent === parent &&
              isForRequest(other, (key) => stage.onlyFor?.isOneOf[0] ?? mainKind(contract, key)),
          );
          const isLast = identifier === siblings.at(-1)?.identifier;
          const spans = completeRequest(contract, { outcome, last: identifier });
          if (!isLast) {
            assert.deepEqual(validateTrace(contract, spans), [], place);
          }
        } else if (tree === "failed" || tree === "interrupted") {
          const spans = completeRequest(contract, { outcome, cut: identifier });
          assert.deepEqual(validateTrace(contract, spans), [], place);
        }
      }
    }
  });
}

test("overrides have the last word, and what depends on them by a sum follows", () => {
  const spans = { cart: { values: { itemsIn: 7 } }, pay: { milliseconds: 500 } };
  const request = completeRequest(checkout, { spans, without: ["voucher"] });
  assert.deepEqual(validateTrace(checkout, request), []);
  const wrong = { place: { values: { itemsSold: 6 } }, cart: { values: { itemsIn: undefined } } };
  assert.deepEqual(
    validateTrace(checkout, completeRequest(checkout, { spans: wrong })).map(({ rule }) => rule),
    ["missing-attribute"],
  );
  assert.throws(() => completeRequest(checkout, { spans: { pay: { values: { itemsIn: 1 } } } }));
});

test("a tree is that of the contract, up to where the request ended", () => {
  assert.deepEqual(completeTree(checkout, { outcome: "broken", cut: "risk" }), [
    "checkout",
    "cart.load < checkout",
    "payment.charge < checkout",
    "payment.risk < payment.charge",
  ]);
});
