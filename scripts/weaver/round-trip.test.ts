import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import {
  type Contract,
  contractData,
  defineAttributes,
  defineContract,
  defineMetrics,
  defineSpanTree,
  gauge,
  getServiceName,
  int,
  span,
  string,
  writeContract,
} from "#contract";
import { miniserve } from "#miniserve";
import { toServices } from "../../tests/support/services.ts";
import { temporaryDirectory } from "../../tests/support/temporary-directory.ts";
import { checkout, plainCheckout } from "../../tests/support/traces/checkout.ts";
import { readFolder } from "./import/read-folder.ts";
import { toContract } from "./import/to-contract.ts";
import { weaverRegistries } from "./registry/index.ts";

const brief = "It means something.";
const whole = { brief, examples: [1] } as const;
const attributes = defineAttributes({
  size: int("parcel.size", { ...whole, renamedFrom: ["size", "parcel.bytes"], stability: "beta" }),
  weight: int("parcel.weight", {
    ...whole,
    deprecated: { renamedTo: "parcel.size", note: "Soon." },
  }),
  unsent: string("parcel.unsent", { brief, examples: ["a"], deprecated: { note: "Who asks?" } }),
  form: string("parcel.form", { brief, pattern: /[\p{L}/]+/iu, examples: ["a/b"] }),
});

/** Names that change, and spans that libraries make. */
const changing = defineContract({
  tracerName: "post",
  logEvents: {},
  invariants: [],
  attributes,
  spans: defineSpanTree(attributes, {
    send: span("POST /parcels/{id}", { brief, parent: null, kind: "server", atEnd: ["weight"] }),
    poll: span("poll", { brief, parent: null, kind: "consumer", renamedFrom: ["listen"] }),
    query: span('SELECT "parcels"', {
      brief,
      parent: "send",
      alsoUnder: ["poll"],
      presence: "sampled",
      tracer: "a-library",
      detached: true,
      optional: ["size", "form"],
      deprecated: { renamedTo: "poll" },
    }),
  }),
  metrics: defineMetrics(attributes, {
    waiting: gauge("post.waiting", {
      brief,
      advice: brief,
      unit: "1",
      renamedFrom: ["post.queue"],
      stability: "stable",
    }),
  }),
  resource: { ...plainCheckout.resource, instance: checkout.resource.instance },
  failures: "freely",
  undeclared: ["http.request.header.*"],
});

for (const [name, contract] of Object.entries({ miniserve, checkout, plainCheckout, changing })) {
  test(`${name}: the files for Weaver hold the contract's names, and lead back to it`, async () => {
    const folder = writeRegistry(contract);
    const { registry, faults } = readFolder(folder, []);
    assert.deepEqual(faults, []);
    // What any service sends besides its contract.
    for (const key of ["telemetry.sdk.name", "service.instance.id", "exception.type"]) {
      assert.ok(registry.attributes.has(key), key);
    }
    const { source, losses } = toContract(registry, {
      from: "a test",
      service: getServiceName(contract),
      roots: [],
    });
    // What an outcome needs is said in words only.
    assert.ok(losses.every(({ reason }) => reason.startsWith("Conditions are left out")));
    const back = await load(writeContract(source, { from: contractModule }), source.name);
    assert.deepEqual(comparable(back), comparable(contract));
  });
}

const contractModule = resolve(import.meta.dirname, "..", "..", "contract", "index.ts");

function writeRegistry(contract: Contract): string {
  const folder = join(temporaryDirectory(), "weaver");
  mkdirSync(folder, { recursive: true });
  for (const { path, content } of weaverRegistries(toServices(contract))) {
    writeFileSync(join(folder, basename(path)), content);
  }
  return folder;
}

async function load(text: string, name: string): Promise<Contract> {
  const file = join(temporaryDirectory(), "contract.ts");
  writeFileSync(file, text);
  const module: Record<string, Contract> = await import(pathToFileURL(file).href);
  assert.ok(module[name] !== undefined, name);
  return module[name];
}

/** What Weaver has a place for; the rest is of requests as a whole. */
function comparable(contract: Contract) {
  const { outcomes: _, invariants: __, ...data } = contractData(contract);
  return JSON.parse(JSON.stringify({ ...data, metrics: data.metrics ?? {} }));
}
