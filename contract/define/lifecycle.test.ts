import assert from "node:assert/strict";
import { test } from "node:test";
import { collectFaults } from "../testing/collect-faults.ts";
import { defineAttributes, int, string } from "./attribute.ts";
import { defineContract, listRenames } from "./contract.ts";
import { counter, defineMetrics } from "./metric.ts";
import { defineResource } from "./resource.ts";
import { defineSpanTree, span } from "./span.ts";

const brief = "It means something.";
const whole = { brief, examples: [1] } as const;

test("every name of the past leads to the one that stands for it now", () => {
  const attributes = defineAttributes({
    sizeBytes: int("parcel.size_bytes", {
      ...whole,
      stability: "stable",
      // Also a name that may not be declared any more: it stands for content.
      renamedFrom: ["parcel.size", "parcel.text.size"],
    }),
    weight: int("parcel.weight", {
      ...whole,
      renamedFrom: ["weight"],
      deprecated: { renamedTo: "parcel.mass", note: "Twice a year." },
    }),
    mass: int("parcel.mass", { ...whole, deprecated: { renamedTo: "parcel.size_bytes" } }),
    colour: string("parcel.colour", {
      brief,
      examples: ["red"],
      deprecated: { note: "Who asks?" },
    }),
  });
  const contract = defineContract({
    tracerName: "post",
    resource: defineResource({
      attributes: defineAttributes({
        service: string("service.name", { brief, examples: ["post"], renamedFrom: ["service"] }),
      }),
      serviceName: "service",
      instance: string("service.instance.id", { brief, examples: ["1"], renamedFrom: ["pod"] }),
      defaults: { service: "post" },
    }),
    attributes,
    spans: defineSpanTree(attributes, {
      send: span("parcel.send", { brief, parent: null, renamedFrom: ["send"], stability: "beta" }),
    }),
    metrics: defineMetrics(attributes, {
      sent: counter("post.parcels", {
        brief,
        advice: brief,
        unit: "{parcel}",
        deprecated: { renamedTo: "post.parcels.sent" },
      }),
      sentNow: counter("post.parcels.sent", { brief, advice: brief, unit: "{parcel}" }),
    }),
    logEvents: {},
    invariants: [],
  });
  assert.deepEqual(
    listRenames(contract).map(({ kind, before, now }) => `${kind}: ${before} → ${now}`),
    [
      "attribute: parcel.size → parcel.size_bytes",
      "attribute: parcel.text.size → parcel.size_bytes",
      "attribute: weight → parcel.size_bytes",
      "attribute: parcel.weight → parcel.size_bytes",
      "attribute: parcel.mass → parcel.size_bytes",
      "resource attribute: service → service.name",
      "resource attribute: pod → service.instance.id",
      "span: send → parcel.send",
      "metric: post.parcels → post.parcels.sent",
    ],
  );
  assert.equal(contract.attributes.sizeBytes.stability, "stable");
  assert.equal(contract.spans.send.stability, "beta");
  assert.deepEqual(contract.attributes.colour.deprecated, { note: "Who asks?" });
});

test("a rename that leads nowhere is a fault, of attributes, spans and metrics", () => {
  assert.deepEqual(
    collectFaults(() =>
      defineAttributes({
        one: int("one", { ...whole, renamedFrom: ["two", "zero"] }),
        two: int("two", { ...whole, renamedFrom: ["zero"] }),
        lost: int("lost", { ...whole, deprecated: { renamedTo: "found" } }),
        hen: int("hen", { ...whole, deprecated: { renamedTo: "egg" } }),
        egg: int("egg", { ...whole, deprecated: { renamedTo: "hen" } }),
      }),
    ),
    [
      "one: its earlier name two is also that of two",
      "two: its earlier name zero is also that of one",
      "lost: lost is renamed to found, which is not declared",
      "hen: hen is renamed to egg, which is renamed in a circle",
      "egg: egg is renamed to hen, which is renamed in a circle",
    ],
  );
  assert.deepEqual(
    collectFaults(() =>
      defineSpanTree({}, { root: span("root", { brief, parent: null, renamedFrom: ["root"] }) }),
    ),
    ["root: its earlier name root is also that of root"],
  );
  const advice = brief;
  assert.deepEqual(
    collectFaults(() =>
      defineMetrics(
        {},
        { sent: counter("a.b", { brief, advice, unit: "1", deprecated: { renamedTo: "c.d" } }) },
      ),
    ),
    ["sent: a.b is renamed to c.d, which is not declared"],
  );
});
