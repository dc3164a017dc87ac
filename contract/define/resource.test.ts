import assert from "node:assert/strict";
import { test } from "node:test";
import { collectFaults } from "../testing/collect-faults.ts";
import { defineAttributes, oneOf, string } from "./attribute.ts";
import { defineResource } from "./resource.ts";

const brief = "It means something.";
const attributes = defineAttributes({
  service: string("service.name", { brief, pattern: /[a-z]+/, examples: ["shop"] }),
  region: oneOf("cloud.region", ["north", "south"], { brief }),
});

test("a resource has the name of its service", () => {
  const resource = { attributes, serviceName: "service", defaults: { service: "shop" } } as const;
  assert.equal(defineResource(resource).defaults.service, "shop");
});

test("all faults of a resource are told at once", () => {
  const unknown: Record<string, string> = { toString: "x", zone: "a" };
  const defaults = { region: "west", ...(unknown as object) };
  assert.deepEqual(
    collectFaults(() => defineResource({ attributes, serviceName: "service", defaults })),
    [
      "the default of region is not one of north, south",
      "the default of toString is no attribute of the resource",
      "the default of zone is no attribute of the resource",
      "service needs a default: it is the name of the service",
    ],
  );
  assert.deepEqual(
    collectFaults(() =>
      defineResource({ attributes, serviceName: "service", defaults: { service: "S" } }),
    ),
    ["the default of service is not of the form ^(?:[a-z]+)$"],
  );
});
