import assert from "node:assert/strict";
import { test } from "node:test";
import { collectFaults } from "../testing/collect-faults.ts";
import { defineAttributes, double, int, oneOf, string } from "./attribute.ts";
import {
  defineContract,
  getRootSpan,
  getServiceName,
  listChildren,
  splitPath,
} from "./contract.ts";
import { defineLogEvents, logEvent } from "./log-event.ts";
import { defineResource } from "./resource.ts";
import { defineSpanTree, span } from "./span.ts";

const brief = "It means something.";
const attributes = defineAttributes({
  count: int("count", { brief, examples: [1] }),
  share: double("share", { brief, examples: [0.5] }),
  outcome: oneOf("outcome", ["good", "bad"], { brief }),
});
const spans = defineSpanTree(attributes, {
  root: span("root", { brief, parent: null, atEnd: ["outcome"], optional: ["share"] }),
  stage: span("stage", { brief, parent: "root", onSuccess: ["count", "share"] }),
  sample: span("sample", { brief, parent: "root", presence: "sampled" }),
  inner: span("inner", { brief, parent: "sample", onSuccess: ["count"] }),
});
const parts = {
  tracerName: "tracer",
  resource: defineResource({
    attributes: { service: string("service.name", { brief, examples: ["shop"] }) },
    serviceName: "service",
    defaults: { service: "shop" },
  }),
  attributes,
  spans,
  logEvents: {},
  invariants: [],
};
const good = { brief, tree: "complete", rootStatus: "unset" } as const;
const bad = { brief, tree: "failed", rootStatus: "error" } as const;

test("a contract tells its root, the children of a span in order, and its service", () => {
  const contract = defineContract({
    ...parts,
    outcomes: { attribute: "outcome", byName: { good, bad } },
  });
  assert.equal(getRootSpan(contract), spans.root);
  assert.deepEqual(listChildren(contract, spans.root), [spans.stage, spans.sample]);
  assert.equal(getServiceName(contract), "shop");
  assert.deepEqual(splitPath("stage.count"), { span: "stage", attribute: "count" });
});

test("all faults between the parts of a contract are told at once", () => {
  const logEvents = defineLogEvents(attributes, {
    happened: logEvent("it.happened", { brief, level: "info", span: "nowhere" }),
  });
  const sum = { rule: "sum", brief, relation: "equals", left: ["stage.count"] } as const;
  const faults = collectFaults(() =>
    defineContract({
      ...parts,
      logEvents,
      outcomes: {
        attribute: "outcome",
        byName: {
          good: { ...good, needs: ["count"], ranges: { share: [0, 1], nothing: [0, 1] } },
          odd: { ...bad, rootStatus: "unset" },
        },
      },
      invariants: [
        { ...sum, right: ["stage.share"] },
        { ...sum, right: ["inner.count"] },
        { ...sum, rule: "nothing", right: ["stage.nothing" as never], unless: "nowhere" as never },
      ],
    }),
  );
  assert.deepEqual(faults, [
    "the outcomes are good, odd, but outcome takes bad, good",
    "good: root has no attribute count",
    "good: root has no integer share",
    "good: root has no integer nothing",
    "odd: a request that failed has the root status error",
    "happened: there is no span nowhere",
    "sum: another invariant is called so too",
    "sum: stage.share is double, not an int",
    "sum: inner is sampled, so there may be any number of inner.count",
    "nothing: stage.nothing is nothing, not an int",
    "nothing: there is no span nowhere",
  ]);
});

test("an outcome that no root must have is refused", () => {
  const byName = { good, bad };
  assert.deepEqual(
    collectFaults(() => defineContract({ ...parts, outcomes: { attribute: "count", byName } })),
    [
      "root must have count at its start or its end",
      "the outcomes are bad, good, but count takes none",
    ],
  );
});
