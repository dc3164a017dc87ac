import assert from "node:assert/strict";
import { test } from "node:test";
import { checkout, plainCheckout } from "../tests/support/traces/checkout.ts";
import type { Contract } from "./define/contract.ts";
import { DefinitionError, defineAttributes, int, string } from "./define/index.ts";
import { defineConfig, defineService } from "./services.ts";

function calledSo(contract: Contract, service: string): Contract {
  const { resource } = contract;
  return { ...contract, resource: { ...resource, defaults: { ...resource.defaults, service } } };
}

function listFaults(...contracts: readonly Contract[]): readonly string[] {
  try {
    defineConfig({ services: contracts.map((contract) => defineService({ contract })) });
    return [];
  } catch (error) {
    assert.ok(error instanceof DefinitionError, String(error));
    return error.issues;
  }
}

test("services of the same words are no conflict", () => {
  assert.deepEqual(listFaults(checkout, calledSo(plainCheckout, "kiosk")), []);
});

test("a name that two services declare differently is told with both places, and all at once", () => {
  const attributes = defineAttributes({
    items: string("shop.items.in", { brief: "Items.", examples: ["three"] }),
    price: int("shop.amount", { brief: "The price.", examples: [3] }),
  });
  const kiosk = calledSo({ ...plainCheckout, attributes }, "kiosk");
  assert.deepEqual(listFaults(checkout, kiosk), [
    "shop.items.in: int as span attribute itemsIn of checkout, string as span attribute items of kiosk",
    "shop.amount: double as span attribute amount of checkout, int as span attribute price of kiosk",
  ]);
  const { itemsSold } = checkout.metrics ?? {};
  assert.ok(itemsSold);
  const other = calledSo(
    { ...checkout, metrics: { sold: { ...itemsSold, unit: "{order}" } } },
    "kiosk",
  );
  assert.deepEqual(listFaults(checkout, other), [
    "shop.orders.items: counter in {item} as metric itemsSold of checkout, counter in {order} as metric sold of kiosk",
  ]);
});

test("two services of one folder, one without a letter and none at all are faults", () => {
  assert.deepEqual(listFaults(checkout, plainCheckout), [
    "checkout and checkout would both have the folder checkout",
  ]);
  assert.deepEqual(listFaults(calledSo(checkout, "…")), [
    '"…" has no letter or digit to name a folder by',
  ]);
  assert.deepEqual(listFaults(), ["there is none"]);
});
