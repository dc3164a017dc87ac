import assert from "node:assert/strict";
import { test } from "node:test";
import { seedRepository } from "../testing/seeded-repository.ts";
import { dependencies, isAllowed, licenceFaults, noticeText } from "./licences.ts";

const lockfile = {
  packages: {
    "": {},
    "node_modules/served": { version: "1.0.0", license: "MIT" },
    "node_modules/built": { version: "1.0.0", license: "ISC", dev: true },
    "node_modules/native": {
      version: "3.0.0",
      license: "Apache-2.0",
      optionalDependencies: { "@native/mac-arm64": "3.0.0" },
    },
    "node_modules/@native/mac-arm64": { version: "3.0.0", optional: true, os: ["darwin"] },
    "node_modules/empty": { link: true },
  },
};
const notice = noticeText("Head.\n\n", dependencies(lockfile));

function repository(changes: Record<string, object>, files: Record<string, string> = {}) {
  const packages = { ...lockfile.packages, ...changes };
  return { "package-lock.json": JSON.stringify({ packages }), NOTICE: notice, ...files };
}

test("permissive licences pass, and NOTICE names those that run", (context) => {
  assert.deepEqual(licenceFaults(seedRepository(context, repository({}))), []);
  assert.match(notice, /^Head\.\n\nPackages .*:\n\nApache-2\.0\n {2}@native\/mac-arm64\n/);
  assert.match(notice, /MIT\n {2}served\n$/);
  assert.doesNotMatch(notice, /built|empty/);
});

for (const [name, entry] of Object.entries({
  copyleft: { version: "1.0.0", license: "AGPL-3.0-only", dev: true },
  unknown: { version: "1.0.0", dev: true },
  unlicensed: { version: "1.0.0", license: "SEE LICENSE IN LICENSE", dev: true },
  "unknown-platform": { version: "1.0.0", dev: true, optional: true, os: ["linux"] },
})) {
  test(`a planted licence is refused: ${name}`, (context) => {
    const faults = licenceFaults(
      seedRepository(context, repository({ [`node_modules/${name}`]: entry })),
    );
    assert.equal(faults.length, 1, faults.join("\n"));
    assert.match(faults[0] ?? "", new RegExp(`^node_modules/${name}: licence .* not on the list`));
  });
}

test("what only develops may be under a licence that stays with its own files", (context) => {
  const entry = { version: "1.0.0", license: "MPL-2.0", dev: true };
  const faultsWith = (other: object) =>
    licenceFaults(seedRepository(context, repository({ "node_modules/axe": other })));
  assert.deepEqual(faultsWith(entry), []);
  assert.match(faultsWith({ ...entry, dev: false })[0] ?? "", /"MPL-2.0" is not on the list/);
});

test("an installed package that says otherwise is found", (context) => {
  const installed = { "node_modules/served/package.json": JSON.stringify({ license: "GPL-3.0" }) };
  const faults = licenceFaults(seedRepository(context, repository({}, installed)));
  assert.deepEqual(faults, [
    'node_modules/served: the lockfile says "MIT", the package "GPL-3.0".',
  ]);
});

test("a NOTICE of yesterday is found", (context) => {
  const added = { "node_modules/new": { version: "1.0.0", license: "MIT" } };
  const faults = licenceFaults(seedRepository(context, repository(added)));
  assert.match(faults[0] ?? "", /^NOTICE: .*npm run notice/);
});

test("of a choice one must be allowed, of a sum all", () => {
  assert.equal(isAllowed("(GPL-2.0 OR MIT)"), true);
  assert.equal(isAllowed("MIT AND GPL-2.0"), false);
  assert.equal(isAllowed("Apache-2.0 AND MIT"), true);
  assert.equal(isAllowed("MIT AND (GPL-2.0 OR ISC)"), false, "nested expressions are not guessed");
  assert.equal(isAllowed("Apache-2.0 WITH LLVM-exception"), false);
  assert.equal(isAllowed(""), false);
});
