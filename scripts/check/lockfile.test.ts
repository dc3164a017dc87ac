import assert from "node:assert/strict";
import { test } from "node:test";
import { completed, type Lockfile, lockfileFaults } from "./lockfile.ts";

const lacking: Lockfile = {
  packages: {
    "": {},
    "node_modules/tool": {
      version: "2.0.0",
      dev: true,
      optionalDependencies: {
        "@tool/linux-x64": "2.0.0",
        "@tool/linux-arm64-musl": "2.0.0",
        "@tool/mac-arm64-metal": "2.0.0",
      },
    },
    "node_modules/tool/node_modules/@tool/linux-x64": { version: "2.0.0", optional: true },
  },
};

test("each missing platform package is named", () => {
  const faults = lockfileFaults(lacking);
  assert.equal(faults.length, 2);
  assert.match(faults[0] ?? "", /@tool\/linux-arm64-musl@2\.0\.0/);
  assert.match(faults[1] ?? "", /npm run lock:complete/);
});

test("a completed lockfile says where each package belongs", () => {
  const whole = completed(lacking);
  assert.deepEqual(lockfileFaults(whole), []);
  assert.deepEqual(whole.packages["node_modules/@tool/mac-arm64-metal"], {
    version: "2.0.0",
    cpu: ["arm64"],
    os: ["darwin"],
    dev: true,
    optional: true,
  });
  assert.deepEqual(whole.packages["node_modules/@tool/linux-arm64-musl"]?.libc, ["musl"]);
});

test("a range or an unknown platform is refused rather than guessed", () => {
  const wanting = (optionalDependencies: Record<string, string>): Lockfile => ({
    packages: { "node_modules/tool": { optionalDependencies } },
  });
  assert.throws(() => completed(wanting({ "tool-linux-x64": "^2.0.0" })), /lock_range/);
  assert.throws(() => completed(wanting({ "tool-native": "2.0.0" })), /lock_platform/);
});

test("a registry's address is a fault, a folder of this repository is not", () => {
  const faults = lockfileFaults({
    packages: {
      "node_modules/near": { resolved: "scripts/no-gpu", link: true },
      "node_modules/far": { resolved: "https://packages.example/far-1.0.0.tgz" },
    },
  });
  assert.equal(faults.length, 1);
  assert.match(faults[0] ?? "", /node_modules\/far names a registry address \(packages\.example\)/);
});
