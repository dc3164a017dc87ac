import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AttributeRecord,
  boolean,
  type Contract,
  defineAttributes,
  defineContract,
  defineResource,
  defineSpanTree,
  double,
  int,
  oneOf,
  span,
  string,
} from "#contract";
import { miniserve } from "#miniserve";
import { type Panel, readDashboards } from "../tests/support/dashboard-panels.ts";
import { toServices } from "../tests/support/services.ts";
import { checkout } from "../tests/support/traces/checkout.ts";
import { generatedFiles } from "./index.ts";

/** The panels below the heading of a span, without those of the span itself. */
async function attributePanels(contract: Contract, spanName: string): Promise<Panel[]> {
  const { panels = [] } =
    readDashboards(await generatedFiles(toServices(contract))).get("span-attributes") ?? {};
  const start = panels.findIndex(({ type, title }) => type === "row" && title === spanName) + 1;
  const end = panels.findIndex(({ type }, index) => type === "row" && index >= start);
  return panels.slice(start + 2, end === -1 ? undefined : end);
}

const contracts: Readonly<Record<string, Contract>> = { miniserve, checkout };

for (const [name, contract] of Object.entries(contracts)) {
  test(`${name}: each attribute of each span that can differ has a panel, and nothing else has`, async () => {
    for (const definition of Object.values(contract.spans)) {
      const panels = await attributePanels(contract, definition.name);
      const attributes = Object.values(definition.attributes).filter(
        ({ values }) => values?.length !== 1,
      );
      assert.deepEqual(
        panels.map(({ title }) => title),
        attributes.map(({ key }) => key),
      );
      for (const [index, { description, targets = [] }] of panels.entries()) {
        const { key = "", brief = "" } = attributes[index] ?? {};
        assert.ok(description?.startsWith(brief), key);
        assert.ok(targets[0]?.query?.includes(`span.${key}`), key);
        assert.ok(targets[0]?.query?.includes(`name = "${definition.name}"`), key);
      }
    }
  });

  test(`${name}: no panel anywhere asks for what the contract does not have`, async () => {
    const known = new Set([
      ...Object.values(contract.attributes).map(({ key }) => `span.${key}`),
      ...Object.values(contract.resource.attributes).map(({ key }) => `resource.${key}`),
    ]);
    const kinds = new Map(Object.values(contract.attributes).map(({ key, type }) => [key, type]));
    for (const { panels } of readDashboards(await generatedFiles(toServices(contract))).values()) {
      for (const { query = "" } of panels.flatMap(({ targets = [] }) => targets)) {
        for (const [field] of query.matchAll(/\b(span|resource)\.[\w.]+/g)) {
          assert.ok(known.has(field), `${field}: ${query}`);
        }
        // Tempo gives quantiles and buckets of doubles without a warning, and they are wrong.
        const measured = /(?:quantile|histogram)_over_time\((?:span\.)?([\w.]+)/.exec(query)?.[1];
        assert.ok([undefined, "int"].includes(kinds.get(measured ?? "")), query);
      }
    }
  });
}

const brief = "It says something.";

/** A contract of one span, which has all of these attributes. */
function postOffice(attributes: AttributeRecord): Contract {
  return defineContract({
    tracerName: "post.office",
    resource: defineResource({
      attributes: defineAttributes({
        service: string("service.name", { brief: "The service.", examples: ["post"] }),
      }),
      serviceName: "service",
      defaults: { service: "post" },
    }),
    attributes,
    spans: defineSpanTree(attributes, {
      letter: span("mail.letter", {
        brief: "One letter.",
        parent: null,
        onSuccess: Object.keys(attributes),
      }),
    }),
    logEvents: {},
    invariants: [],
  });
}

test("the shape follows from type, unit and meaning", async () => {
  const shapes = async (contract: Contract, spanName: string) =>
    (await attributePanels(contract, spanName)).map(({ title, type, targets: [target] = [] }) => {
      const stage = /\| (\w+)\(/.exec(target?.query ?? "")?.[1];
      return `${title}: ${type} of ${stage}`;
    });
  const attributes = defineAttributes({
    fate: oneOf("mail.fate", ["sent", "returned"], { brief }),
    express: boolean("mail.express", { brief }),
    id: string("mail.id", { brief, pattern: /\d+/, examples: ["1"], unique: true }),
    waitUs: int("mail.wait_us", { brief, unit: "us", examples: [1] }),
    pages: int("mail.pages", { brief, unit: "{page}", examples: [1] }),
    zone: int("mail.zone", { brief, examples: [1] }),
    weight: double("mail.weight", { brief, unit: "kg", examples: [0.5] }),
  });
  assert.deepEqual(await shapes(postOffice(attributes), "mail.letter"), [
    "mail.fate: timeseries of count_over_time",
    "mail.express: timeseries of count_over_time",
    "mail.id: table of select",
    "mail.wait_us: timeseries of quantile_over_time",
    "mail.pages: heatmap of histogram_over_time",
    "mail.zone: timeseries of count_over_time",
    "mail.weight: timeseries of avg_over_time",
  ]);
});

test("an attribute that is always one value is said where its span is counted", async () => {
  const { panels = [] } =
    readDashboards(await generatedFiles(toServices(miniserve))).get("span-attributes") ?? {};
  const rates = panels.filter(({ title }) => title === "How often");
  assert.equal(rates.length, Object.keys(miniserve.spans).length);
  assert.match(rates[0]?.description ?? "", /Its http\.method is always POST\.$/);
});

test("a span that not every request has says so", async () => {
  const { panels = [] } =
    readDashboards(await generatedFiles(toServices(checkout))).get("span-attributes") ?? {};
  const rare = panels.filter(({ description = "" }) => description.includes("Not every request"));
  assert.equal(rare.length, 2, "vouchers, and sampled attempts");
});

test("one more attribute in a contract is one more panel, with its unit and meaning", async () => {
  const attributes = defineAttributes({
    size: int("mail.size", { brief: "The size of the letter.", unit: "By", examples: [512] }),
    weighing: double("mail.weighing", { brief: "How long it took.", unit: "s", examples: [0.5] }),
  });
  const before = await attributePanels(postOffice({ size: attributes.size }), "mail.letter");
  const [size, weighing, ...others] = await attributePanels(postOffice(attributes), "mail.letter");
  assert.deepEqual([size], before);
  assert.equal(others.length, 0);
  assert.equal(weighing?.title, "mail.weighing");
  assert.match(weighing.description ?? "", /^How long it took\. In s\. /);
  assert.equal(weighing.fieldConfig?.defaults.unit, "s");
});
