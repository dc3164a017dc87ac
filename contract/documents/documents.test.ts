import assert from "node:assert/strict";
import { test } from "node:test";
import { toServices } from "../../tests/support/services.ts";
import { checkout, plainCheckout } from "../../tests/support/traces/checkout.ts";
import { miniserve } from "../miniserve/index.ts";
import { contractDocuments } from "./index.ts";

const contracts = { miniserve, checkout, plainCheckout };

for (const [name, contract] of Object.entries(contracts)) {
  const [data, page] = contractDocuments(toServices(contract)).map(({ content }) => content);

  test(`${name}: the page has every name and every meaning`, () => {
    const declared = [
      ...Object.values(contract.resource.attributes),
      ...Object.values(contract.attributes),
      ...Object.values(contract.logEvents).flatMap(({ fields }) => Object.values(fields)),
    ].map(({ key, brief }) => ({ name: key, brief }));
    for (const { name: wireName, brief } of [
      ...declared,
      ...Object.values(contract.spans),
      ...Object.values(contract.logEvents),
    ]) {
      assert.ok(page?.includes(`\`${wireName}\``), wireName);
      assert.ok(page?.includes(brief), brief);
    }
  });

  test(`${name}: the page's tables have a cell for each column`, () => {
    const tables = page?.split(/\n\n+/).filter((block) => block.startsWith("| ")) ?? [];
    assert.ok(tables.length >= 4);
    for (const rows of tables.map((block) => block.trim().split("\n"))) {
      const widths = new Set(rows.map((row) => row.split(/(?<!\\)\|/).length));
      assert.equal(widths.size, 1, rows[0]);
    }
  });

  test(`${name}: the data is the contract`, () => {
    const read = JSON.parse(data ?? "");
    for (const [identifier, attribute] of Object.entries(contract.attributes)) {
      const { pattern, ...rest } = attribute;
      assert.deepEqual(read.attributes[identifier], {
        ...JSON.parse(JSON.stringify(rest)),
        ...(pattern === undefined ? {} : { pattern: pattern.source }),
      });
    }
    for (const [identifier, definition] of Object.entries(contract.spans)) {
      const { attributes: _, identifier: __, ...rest } = definition;
      assert.deepEqual(read.spans[identifier], JSON.parse(JSON.stringify(rest)));
    }
    assert.deepEqual(Object.keys(read.logEvents), Object.keys(contract.logEvents));
    assert.deepEqual(read.invariants, contract.invariants);
    assert.equal(read.tracerName, contract.tracerName);
  });
}

test("the tree is drawn with each span below its parent", () => {
  const page = contractDocuments(toServices(checkout)).at(1)?.content;
  const [, drawn] = page?.split("```") ?? [];
  assert.deepEqual(drawn?.trim().split("\n"), [
    "checkout",
    "├─ cart.load",
    "├─ voucher.apply               when asked for",
    "├─ payment.charge",
    "│  ├─ payment.risk",
    "│  │  ├─ payment.risk.look_up",
    "│  │  └─ payment.risk.score",
    "│  └─ payment.attempt          any number, sampled",
    "└─ order.place",
  ]);
});

test("a name's past and its future stand beside its meaning", () => {
  const shown = {
    ...checkout,
    attributes: {
      ...checkout.attributes,
      amount: {
        ...checkout.attributes.amount,
        brief: "The price.",
        stability: "release_candidate",
        renamedFrom: ["price", "sum"],
      },
      currency: {
        ...checkout.attributes.currency,
        brief: "Of the amount.",
        deprecated: { renamedTo: "money", note: "Soon" },
      },
    },
    spans: {
      ...checkout.spans,
      pay: { ...checkout.spans.pay, brief: "Charges.", deprecated: { note: "Nobody pays." } },
    },
  } as const;
  const page = contractDocuments(toServices(shown)).at(1)?.content;
  for (const sentence of [
    "| The price. Formerly `price`, `sum`. *release candidate* |",
    "| Of the amount. **Deprecated**: renamed to `money`. Soon. |",
    "| Charges. **Deprecated**: Nobody pays. |",
  ]) {
    assert.ok(page?.includes(sentence), sentence);
  }
});
