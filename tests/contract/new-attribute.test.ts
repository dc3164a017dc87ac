/** An attribute that is new in the contract is in the generated files without another line of code. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Attribute, type Contract, defineAttributes, string } from "#contract";
import { miniserve } from "#miniserve";
import { countMentions } from "../../scripts/contract-diff/name-uses.ts";
import { generateAll } from "../../scripts/generate/compare.ts";
import { serviceGenerators } from "../../scripts/generate/generators.ts";
import { toServices } from "../support/services.ts";

const { flavour } = defineAttributes({
  flavour: string("llm.flavour", { brief: "A taste.", pattern: /[a-z]+/, examples: ["sweet"] }),
});

/** The contract as it is after one line in its attributes and one word on a span. */
const withFlavour: Contract = {
  ...miniserve,
  attributes: { ...miniserve.attributes, flavour },
  spans: {
    ...miniserve.spans,
    decode: {
      ...miniserve.spans.decode,
      optional: [...miniserve.spans.decode.optional, "flavour"],
      attributes: { ...miniserve.spans.decode.attributes, flavour },
    },
  },
};

const files = await generateAll(serviceGenerators, toServices(miniserve));

/** The files that have every such attribute of the contract, so must have any that is new. */
function filesOfAll(isSuch: (attribute: Attribute) => boolean): string[] {
  const such = Object.values<Attribute>(miniserve.attributes).filter(isSuch);
  return files
    .filter(({ content }) => such.every(({ key }) => countMentions(content, key) > 0))
    .map(({ path }) => path);
}

test("a new attribute is in every file that has all attributes", async () => {
  const having = (await generateAll(serviceGenerators, toServices(withFlavour)))
    .filter(({ content }) => countMentions(content, flavour.key) > 0)
    .map(({ path }) => path);
  const expected = new Set([
    ...filesOfAll(() => true),
    ...filesOfAll(({ type }) => type === "string"),
  ]);
  for (const path of [
    "docs/generated/miniserve/contract.json",
    "docs/generated/miniserve/contract.md",
    "stack/generated/collector.yaml",
    "stack/generated/tempo/development.yaml",
    "stack/generated/tempo/production.yaml",
  ]) {
    assert.ok(expected.has(path), path);
  }
  assert.deepEqual(
    [...expected].filter((path) => !having.includes(path)),
    [],
  );
});
