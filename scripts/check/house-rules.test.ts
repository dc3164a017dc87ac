import assert from "node:assert/strict";
import { test } from "node:test";
import { seedRepository } from "../testing/seeded-repository.ts";
import { houseRuleFaults } from "./house-rules.ts";

const sound = {
  "README.md": "Call https://packages.example/home/page and read ../work/notes.",
  LICENSE: "Apache",
  ".github/workflows/ci.yml": "name: ci",
  "experiments/34-traces/sample-trace.json": "{}",
  "server/llama/models/tiny-llama.long.test.ts": 'const folder = "logs/home/";',
};

test("proper names and texts have no faults", (context) => {
  assert.deepEqual(houseRuleFaults(seedRepository(context, sound)), []);
});

const home = ["", "home", "somebody", "miniserve"].join("/");

for (const [path, content, expected] of [
  ["server/Decode.ts", "", /"Decode\.ts" is not a kebab-case name/],
  ["server/token_count.ts", "", /"token_count\.ts" is not/],
  ["server/sseStream/a.ts", "", /"sseStream" is not/],
  ["server/utils/clock.ts", "", /"utils" says nothing/],
  ["stack/helpers.ts", "", /"helpers\.ts" says nothing/],
  ["contract/types.ts", "", /"types\.ts" says nothing/],
  ["stack/paths.ts", `\nconst a = "${home}/";`, /^stack\/paths\.ts:2: .*a path of one machine/],
  ["CONTRIBUTING.md", `cd ${["", "work", "main"].join("/")}`, /a path of one machine/],
  [".npmrc", "", undefined],
  [".ci/run", `npm i --registry=https://registry.${"npmjs"}.org`, /the address of a registry/],
] as const) {
  test(`planted: ${path}`, (context) => {
    const faults = houseRuleFaults(seedRepository(context, { ...sound, [path]: content }));
    assert.equal(faults.length, expected === undefined ? 0 : 1, faults.join("\n"));
    if (expected !== undefined) {
      assert.match(faults[0] ?? "", expected);
    }
  });
}

test("what is generated, installed or left behind is not looked at", (context) => {
  const root = seedRepository(context, {
    ...sound,
    "dashboards/generated/Types.ts": "",
    "node_modules/x/utils.js": "",
    "models/SmolLM2_Q4.txt": "",
  });
  assert.deepEqual(houseRuleFaults(root), []);
});

test("a text that names a command of npm that is not there is a fault", (context) => {
  const root = seedRepository(context, {
    ...sound,
    "package.json": JSON.stringify({ scripts: { "stack:logs": "" } }),
    "docs/logs.md": "Type `npm run stack:logs`: it shows lines.\nOr `npm run --silent stack:logs`.",
    "stack/logs.ts": `const hint = "npm run ${"logs"} shows lines";`,
  });
  assert.deepEqual(houseRuleFaults(root), [
    `stack/logs.ts:1: "npm run ${"logs"}": package.json has no such command.`,
  ]);
});

test("an empty folder is a fault", (context) => {
  assert.equal(houseRuleFaults(seedRepository(context, {})).length, 1);
});

test("a way to the terminal past the one that escapes is a fault", (context) => {
  const line = "process.std" + 'out.write("x");';
  const files = {
    "stack/up.ts": line,
    "stack/command/terminal.ts": line,
    "scripts/check.ts": line,
  };
  const faults = houseRuleFaults(seedRepository(context, { ...sound, ...files }));
  assert.equal(faults.length, 1);
  assert.match(faults[0] ?? "", /^stack\/up\.ts:1: .*writeLines/);
});
