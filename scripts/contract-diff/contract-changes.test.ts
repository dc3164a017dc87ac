import assert from "node:assert/strict";
import { test } from "node:test";
import { type ContractData, contractData } from "#contract";
import { checkout } from "../../tests/support/traces/checkout.ts";
import { contractChanges } from "./contract-changes.ts";

type Mutable<Value> = Value extends object
  ? { -readonly [Key in keyof Value]: Mutable<Value[Key]> }
  : Value;

function data(): Mutable<ContractData> {
  return JSON.parse(JSON.stringify(contractData(checkout)));
}

function changesAfter(change: (contract: Mutable<ContractData>) => void): string[] {
  const now = data();
  change(now);
  return contractChanges(data(), now as ContractData).map(
    ({ subject, what, breaking }) => `${breaking ? "breaking " : ""}${subject}: ${what}`,
  );
}

/** The member of a record that is surely there. */
function of<Value>(record: Record<string, Value>, identifier: string): Value {
  const value = record[identifier];
  assert.ok(value !== undefined, identifier);
  return value;
}

test("a contract is not different from itself", () => {
  assert.deepEqual(
    changesAfter(() => undefined),
    [],
  );
});

const cases: Record<string, [(contract: Mutable<ContractData>) => void, string[]]> = {
  "a rename on the wire": [
    ({ attributes }) => {
      of(attributes, "amount").key = "shop.price";
    },
    ["breaking attribute amount: its name was shop.amount and is shop.price"],
  ],
  "a rename in code": [
    ({ attributes }) => {
      attributes.price = of(attributes, "amount");
      delete attributes.amount;
    },
    ["attribute amount: is called price in code"],
  ],
  "another type and unit": [
    ({ attributes }) => {
      Object.assign(of(attributes, "itemsIn"), { type: "double", unit: "{item}" });
    },
    [
      "breaking attribute itemsIn: its type was int and is double",
      "breaking attribute itemsIn: its unit was not there and is {item}",
    ],
  ],
  "what is announced about names": [
    ({ attributes, spans, metrics }) => {
      Object.assign(of(attributes, "amount"), { stability: "stable", renamedFrom: ["shop.price"] });
      of(spans, "pay").deprecated = { note: "Nobody pays." };
      of(metrics ?? {}, "itemsSold").deprecated = { renamedTo: "shop.items" };
    },
    [
      "attribute amount: its stability was not there and is stable",
      "attribute amount: its list of earlier names was not there and is shop.price",
      'metric itemsSold: its deprecation was not there and is {"renamedTo":"shop.items"}',
      'span pay: its deprecation was not there and is {"note":"Nobody pays."}',
    ],
  ],
  "a value more": [
    ({ attributes }) => {
      of(attributes, "currency").values?.push("GBP");
    },
    ["attribute currency: its list of values was EUR, USD and is EUR, USD, GBP"],
  ],
  "a value less": [
    ({ attributes }) => {
      of(attributes, "currency").values?.pop();
    },
    ["breaking attribute currency: its list of values was EUR, USD and is EUR"],
  ],
  "a label that goes": [
    ({ attributes }) => {
      of(attributes, "currency").unique = true;
    },
    ["breaking attribute currency: its uniqueness was false and is true"],
  ],
  "other words": [
    ({ attributes, spans }) => {
      of(attributes, "amount").brief = "What it costs.";
      of(spans, "cart").brief = "Looks the cart up.";
    },
    [
      "attribute amount: its brief was What is paid. and is What it costs.",
      "span cart: its brief was Loads the cart. and is Looks the cart up.",
    ],
  ],
  "an attribute more and one less": [
    ({ attributes }) => {
      attributes.colour = { ...of(attributes, "currency"), key: "shop.colour" };
      delete attributes.express;
    },
    ["breaking attribute express: shop.express is gone", "attribute colour: shop.colour is new"],
  ],
  "another name and parent of spans": [
    ({ spans }) => {
      of(spans, "pay").name = "payment.take";
      of(spans, "risk").parent = "checkout";
    },
    [
      "breaking span pay: its name was payment.charge and is payment.take",
      "breaking span risk: its parent was payment.charge and is checkout",
    ],
  ],
  "what was always there and is not": [
    ({ spans }) => {
      const pay = of(spans, "pay");
      pay.atStart = [];
      pay.optional = ["currency"];
    },
    [
      "breaking span pay: its list of what is always there was currency, express and is express",
      "span pay: its list of what is there sometimes was empty and is currency",
    ],
  ],
  "what was there sometimes and is always": [
    ({ spans }) => {
      const root = of(spans, "checkout");
      root.optional = ["refusal"];
      root.atEnd = ["result", "express"];
    },
    [
      "span checkout: its list of what is always there was cartId, result and is cartId, express, result",
      "span checkout: its list of what is there sometimes was express, refusal and is refusal",
    ],
  ],
  "presence and words": [
    ({ spans }) => {
      of(spans, "place").presence = "optional";
      of(spans, "voucher").presence = "always";
      of(spans, "pay").whenFailed = { payment: "unknown" };
    },
    [
      "span voucher: its presence was optional and is always",
      'breaking span pay: its word when failed was {"payment":"declined"} and is {"payment":"unknown"}',
      "breaking span place: its presence was always and is optional",
    ],
  ],
  "the service and the tracer": [
    (contract) => {
      contract.tracerName = "till";
      (contract.resource.defaults as Record<string, string>).service = "till";
    },
    [
      "breaking contract: its service was checkout and is till",
      "breaking contract: its tracer was shop.checkout and is till",
    ],
  ],
  "outcomes and invariants": [
    (contract) => {
      of(contract.outcomes?.byName ?? {}, "expired").rootStatus = "unset";
      of(contract.outcomes?.byName ?? {}, "refused").needs = [];
      const [first] = contract.invariants;
      assert.ok(first);
      first.relation = "at-least";
      contract.invariants.splice(2, 1);
    },
    [
      "breaking outcome refused: its list of needs was refusal and is empty",
      "breaking outcome expired: its status was error and is unset",
      "breaking invariant same-score: same-score is gone",
      "breaking invariant all-sold: its relation was place.itemsSold equals cart.itemsIn unless voucher and is place.itemsSold at-least cart.itemsIn unless voucher",
    ],
  ],
  "log lines": [
    ({ logEvents }) => {
      const paid = of(logEvents, "paid");
      paid.level = "debug";
      paid.optionalFields = ["amount"];
    },
    [
      "breaking log line paid: its list of fields that are there sometimes was amount, currency and is amount",
      "log line paid: its level was info and is debug",
    ],
  ],
  "a metric with another unit and a label less": [
    ({ metrics = {} }) => {
      Object.assign(of(metrics, "itemsSold"), { unit: "1", attributes: ["currency"] });
    },
    [
      "breaking metric itemsSold: its unit was {item} and is 1",
      "breaking metric itemsSold: its list of labels was currency, express and is currency",
    ],
  ],
  "a metric that is gone, and one that wakes nobody any more": [
    ({ metrics = {} }) => {
      delete metrics.itemsSold;
      Object.assign(of(metrics, "checkoutTime"), { alert: undefined });
    },
    [
      "breaking metric itemsSold: shop.orders.items is gone",
      'metric checkoutTime: its alert was {"title":"Checkouts are slow","action":"Look at Slow payments; if the bank is slow, tell it.","severity":"warning","above":5,"windowMinutes":5,"forMinutes":1} and is not there',
    ],
  ],
  "what tells processes apart, under another name": [
    ({ resource }) => {
      Object.assign(resource.instance ?? {}, { key: "shop.desk" });
    },
    ["breaking resource attribute instance: its name was shop.till and is shop.desk"],
  ],
};

for (const [name, [change, expected]] of Object.entries(cases)) {
  test(`${name} is said, and whether it breaks something`, () => {
    assert.deepEqual(changesAfter(change), expected);
  });
}

test("every member of an attribute, of a span and of a metric is compared", () => {
  const changed = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      return [...value, "other"];
    }
    if (typeof value === "object" && value !== null) {
      return { ...value, other: 1 };
    }
    if (typeof value === "boolean") {
      return !value;
    }
    return typeof value === "number" ? value + 1 : "other";
  };
  const { attributes, spans, metrics = {} } = data();
  const members = [
    ...Object.entries(attributes).flatMap(([identifier, attribute]) =>
      Object.keys(attribute).map((member) => ["attributes", identifier, member] as const),
    ),
    ...Object.entries(spans).flatMap(([identifier, definition]) =>
      Object.keys(definition).map((member) => ["spans", identifier, member] as const),
    ),
    ...Object.entries(metrics).flatMap(([identifier, definition]) =>
      Object.keys(definition).map((member) => ["metrics", identifier, member] as const),
    ),
  ];
  assert.ok(members.length > 100);
  for (const [part, identifier, member] of members) {
    const found = changesAfter((contract) => {
      const subject = of<object>(contract[part] ?? {}, identifier) as Record<string, unknown>;
      subject[member] = changed(subject[member]);
    });
    assert.ok(found.length > 0, `${part} ${identifier} ${member}`);
  }
});
