import assert from "node:assert/strict";
import { test } from "node:test";
import { miniserve } from "../miniserve/index.ts";
import { prometheusName } from "../promql/index.ts";
import { boolean, defineAttributes, int, oneOf, string } from "./attribute.ts";
import { DefinitionError } from "./definition-error.ts";
import { counter, defineMetrics, gauge, histogram, type LabelsOf } from "./metric.ts";

const attributes = defineAttributes({
  size: int("shop.size", { brief: "How large.", examples: [1] }),
  kind: oneOf("shop.kind", ["book", "pen"], { brief: "What it is." }),
  gift: boolean("shop.gift", { brief: "Whether it is a gift." }),
  branch: string("shop.branch", { brief: "Where.", pattern: /[a-z]+/, examples: ["north"] }),
  note: string("shop.note", { brief: "Anything.", examples: ["x"] }),
  order: string("shop.order", { brief: "Which.", pattern: /\d+/, examples: ["1"], unique: true }),
});
const described = { brief: "Sold.", advice: "Sell more." };

function collectFaults(define: () => unknown): readonly string[] {
  try {
    define();
    return [];
  } catch (error) {
    assert.ok(error instanceof DefinitionError, String(error));
    return error.issues;
  }
}

test("a metric takes the labels that it is declared with, and those only", () => {
  const metrics = defineMetrics(attributes, {
    sold: counter("shop.sold", {
      ...described,
      unit: "{thing}",
      attributes: ["kind", "gift", "branch"],
    }),
    open: gauge("shop.open", { ...described, unit: "1" }),
  });
  const labels: LabelsOf<typeof metrics.sold> = { kind: "pen", gift: true, branch: "north" };
  assert.deepEqual(Object.keys(metrics.sold.attributes), Object.keys(labels));
  // @ts-expect-error: no value of the closed list.
  const other: LabelsOf<typeof metrics.sold> = { kind: "car", gift: true, branch: "north" };
  // @ts-expect-error: it has no label.
  const none: LabelsOf<typeof metrics.open> = { kind: "pen" };
  assert.notDeepEqual(other, none);
});

test("every fault of every metric is told at once", () => {
  const faults = collectFaults(() =>
    defineMetrics(attributes, {
      one: counter("shop.sold", { ...described, unit: "s", attributes: ["size", "note"] }),
      two: counter("shop.sold", {
        ...described,
        unit: "ms",
        attributes: ["order", "kind", "kind"],
      }),
      three: histogram("Sold", { ...described, unit: "By", buckets: [1, 1] }),
      four: histogram("shop.four", { ...described, unit: "1", buckets: [] }),
    }),
  );
  const noLabel = "no label: it has more values than a closed list or a name of ours";
  assert.deepEqual(faults, [
    "shop.sold is there twice",
    `one: size is ${noLabel}`,
    `one: note is ${noLabel}`,
    "two: the unit ms is not s, By, 1 or {things}",
    "two: lists kind twice",
    `two: order is ${noLabel}`,
    "three: Sold is not lower_case words with dots between them",
    "three: the bounds of its buckets do not rise",
    "four: it has no buckets",
  ]);
});

test("what must not compile of a metric", () => {
  const unit = "{thing}";
  // @ts-expect-error: a histogram needs buckets.
  histogram("shop.h", { ...described, unit });
  // @ts-expect-error: a counter has none.
  counter("shop.c", { ...described, unit, buckets: [1] });
  // @ts-expect-error: what is looked up has no labels.
  gauge("shop.g", { ...described, unit, attributes: ["kind"] });
  // @ts-expect-error: a name that stands for content.
  counter("shop.messages", { ...described, unit });
  const faults = collectFaults(() =>
    // @ts-expect-error: there is no such attribute.
    defineMetrics(attributes, { c: counter("shop.c", { ...described, unit, attributes: ["x"] }) }),
  );
  assert.deepEqual(faults, ["c: x is no attribute"]);
});

test("the names in Prometheus are those that its own receiver makes", () => {
  const names = Object.values(miniserve.metrics ?? {}).map(prometheusName);
  assert.deepEqual(names, [
    "gen_ai_server_request_duration_seconds",
    "gen_ai_server_time_to_first_token_seconds",
    "gen_ai_server_time_per_output_token_seconds",
    "miniserve_input_tokens_total",
    "miniserve_input_cached_tokens_total",
    "miniserve_cache_hit_ratio",
    "miniserve_output_tokens_total",
    "miniserve_queue_depth",
    "miniserve_slots_used",
    "miniserve_slots_limit",
    "miniserve_spans_ended_total",
    "miniserve_spans_accepted_total",
    "miniserve_exports_failed_total",
    "miniserve_spans_dropped_total",
  ]);
});

test("two metrics of one name in Prometheus are a fault", () => {
  const faults = collectFaults(() =>
    defineMetrics(attributes, {
      dotted: counter("shop.sold.total", { ...described, unit: "{thing}" }),
      plain: counter("shop.sold", { ...described, unit: "{thing}" }),
    }),
  );
  assert.deepEqual(faults, ["shop_sold_total would be there twice in Prometheus"]);
});
