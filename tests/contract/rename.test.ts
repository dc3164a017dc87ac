/** Generated files follow the contract: whatever is renamed there has its new name everywhere. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Contract, GeneratedFile } from "#contract";
import { countMentions } from "../../scripts/contract-diff/name-uses.ts";
import { generateAll } from "../../scripts/generate/compare.ts";
import { serviceGenerators } from "../../scripts/generate/generators.ts";
import { everyService, toServices } from "../support/services.ts";
import { listWireNames, withWireName } from "../support/wire-names.ts";

const suffix = "_renamed7";
const generated = (contract: Contract) => generateAll(serviceGenerators, toServices(contract));

/** How often each file uses a name, by path; files that do not are left out. */
function usesByFile(all: readonly GeneratedFile[], name: string): Record<string, number> {
  return Object.fromEntries(
    all
      .map(({ path, content }) => [path, countMentions(content, name)] as const)
      .filter(([, count]) => count > 0),
  );
}

for (const { name: service, contract } of everyService) {
  const before = await generated(contract);
  const identifiers = new Set(
    [contract.attributes, contract.spans, contract.metrics ?? {}, contract.logEvents].flatMap(
      Object.keys,
    ),
  );
  /** The contract's own page and data show identifiers too, and one may be the same as a name. */
  const mayStay = (path: string, name: string) =>
    (/^docs\/generated\/[^/]+\/(contract\.|weaver\/)/.test(path) && identifiers.has(name)) ||
    // A registry has what every SDK sends by itself, whatever the contract calls its own.
    (path.includes("/weaver/") && name === "service.instance.id");
  const names = listWireNames(contract);
  /** The service, or the end of another name, is called so too: it stays, and rightly. */
  const isCalledSoToo = (name: string) =>
    name === service || names.some((other) => other.name.endsWith(`.${name}`));

  for (const { kind, identifier, name } of names.filter((one) => !isCalledSoToo(one.name))) {
    test(`the ${kind} ${identifier} of ${service}, renamed, has its new name wherever it had its old one`, async () => {
      const newName = `${name}${suffix}`;
      const renamed = await generated(withWireName(contract, name, newName));
      assert.deepEqual(
        renamed.map(({ path }) => path),
        before.map(({ path }) => path),
      );
      const uses = Object.entries(usesByFile(before, name));
      assert.ok(uses.length >= 3, `only ${uses.length} files use ${name}`);
      const after = usesByFile(renamed, newName);
      const left = Object.entries(usesByFile(renamed, name));
      assert.deepEqual(
        left.filter(([path]) => !mayStay(path, name)),
        [],
      );
      assert.deepEqual(
        Object.fromEntries(uses.filter(([path]) => !mayStay(path, name))),
        Object.fromEntries(Object.entries(after).filter(([path]) => !mayStay(path, name))),
      );
      for (const [path] of uses) {
        assert.ok(after[path], `${path} does not have ${newName}`);
      }
    });
  }
}
