/** A contract of a few lines gives every file that there is, with its own names and no other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Contract,
  defineAttributes,
  defineContract,
  defineResource,
  defineSpanTree,
  int,
  oneOf,
  span,
  string,
} from "#contract";
import { miniserve } from "#miniserve";
import { countMentions } from "../../scripts/contract-diff/name-uses.ts";
import { generateAll } from "../../scripts/generate/compare.ts";
import { serviceGenerators } from "../../scripts/generate/generators.ts";
import { toServices } from "../support/services.ts";
import { checkout, plainCheckout } from "../support/traces/checkout.ts";
import { listWireNames } from "../support/wire-names.ts";

const attributes = defineAttributes({
  size: int("mail.size", { brief: "The size of the letter.", unit: "By", examples: [512] }),
  fate: oneOf("mail.fate", ["sent", "returned"], { brief: "What became of it." }),
});

const postOffice = defineContract({
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
    letter: span("mail.letter", { brief: "One letter.", parent: null, atEnd: ["fate"] }),
    weigh: span("mail.weigh", { brief: "Weighs it.", parent: "letter", onSuccess: ["size"] }),
  }),
  logEvents: {},
  invariants: [],
});

/** The files of a contract, by path; its service is a part of many. */
async function generatedPaths(contract: Contract): Promise<string[]> {
  const services = toServices(contract);
  const files = await generateAll(serviceGenerators, services);
  return (
    files
      .map(({ path }) => path.replaceAll(services[0].id, "SERVICE"))
      // Of a service that measures nothing there is nothing to say.
      .filter((path) => !path.endsWith("/weaver/metrics.yaml"))
      .sort()
  );
}

const paths = await generatedPaths(miniserve);

for (const [name, contract] of Object.entries({ postOffice, checkout, plainCheckout })) {
  const files = await generateAll(serviceGenerators, toServices(contract));
  const own = listWireNames(contract);

  test(`${name}: every file is there`, async () => {
    assert.deepEqual(await generatedPaths(contract), paths);
  });

  test(`${name}: each of its names is in the files`, () => {
    const carried = Object.values(contract.spans).flatMap((definition) =>
      Object.keys(definition.attributes),
    );
    // A contract may declare an attribute that no span carries.
    const used = own.filter(
      ({ kind, identifier }) => kind !== "attribute" || carried.includes(identifier),
    );
    for (const { name: wireName } of used) {
      const using = files.filter(({ content }) => countMentions(content, wireName) > 0);
      assert.ok(using.length >= 3, `${wireName} is in ${using.length} files`);
    }
  });

  test(`${name}: no name of another contract is in the files`, () => {
    const foreign = listWireNames(miniserve)
      .map(({ name: wireName }) => wireName)
      .filter((wireName) => !own.some((known) => known.name === wireName));
    assert.ok(foreign.length > 30);
    for (const { path, content } of files) {
      // In a Weaver registry, what only this project reads stands under its name.
      assert.doesNotMatch(content.replaceAll(/^\s+miniserve:$/gm, ""), /miniserve/i, path);
      for (const wireName of foreign) {
        // A registry has what every SDK sends by itself.
        const ofSdk = path.includes("/weaver/") && wireName === "service.instance.id";
        assert.ok(ofSdk || countMentions(content, wireName) === 0, `${path} has ${wireName}`);
      }
    }
  });
}
