import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const root = resolve(import.meta.dirname, "..", "..");
const timeout = 120_000;

function run(folder: string, ...options: readonly string[]) {
  const program = join(root, "scripts", "contract-import.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...options], {
    cwd: folder,
    encoding: "utf8",
  });
  return { exitCode: status, stdout, stderr };
}

function registryFolder(): string {
  const folder = temporaryDirectory();
  mkdirSync(join(folder, "model"));
  writeFileSync(
    join(folder, "model", "bread.yaml"),
    `groups:
  - id: span.bread.bake
    type: span
    span_kind: internal
    brief: Bakes.
    stability: development
    note: Every day.
    attributes:
      - id: bread.kind
        type: string
        brief: What it is made of.
        examples: [rye]
        stability: development
        requirement_level: required
  - id: span.bread.cool
    type: span
    span_kind: internal
    brief: Cools.
    stability: development
    attributes: [{ref: bread.kind}]
  - id: metric.bread.sold
    type: metric
    metric_name: bread.sold
    instrument: updowncounter
    unit: "{loaf}"
    brief: Sold.
    stability: development
`,
  );
  return folder;
}

test("contract:import writes a contract, and says what it left out", { timeout }, () => {
  const folder = registryFolder();
  const given = ["--weaver", "model", "--service", "bakery", "--root", "bread.bake"];
  const { exitCode, stdout, stderr } = run(folder, ...given);
  assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" });
  assert.deepEqual(stdout.trim().split("\n"), [
    `${join("contracts", "bakery.ts")}: 1 attributes, 2 spans, 1 metrics and 0 log lines, from 1 files.`,
    "Metrics are taken as gauges, for a contract has no updowncounter: bread.sold.",
    "Also left out, for a contract has no word for it: 1 × note of a group.",
  ]);
  const file = join(folder, "contracts", "bakery.ts");
  const written = readFileSync(file, "utf8");
  assert.match(written, /^\/\/ Imported from the Weaver registry in model\.\n/);
  assert.match(written, /\nexport const bakery = defineContract\(\{\n/);
  const again = run(folder, ...given);
  assert.equal(again.exitCode, 2);
  assert.match(again.stderr, /is there already.*\[usage_invalid\]/);
  assert.equal(readFileSync(file, "utf8"), written);
  const { stdout: json } = run(folder, ...given, "--out", "other.ts", "--json");
  assert.deepEqual(JSON.parse(json), {
    file: "other.ts",
    attributes: 1,
    spans: 2,
    metrics: 1,
    logEvents: 0,
    left: [
      {
        reason: "Metrics are taken as gauges, for a contract has no updowncounter",
        of: ["bread.sold"],
      },
    ],
    unread: [{ what: "note of a group", count: 1 }],
    contradictions: [],
  });
});

test("contract:import asks for what the registry does not say", { timeout }, () => {
  const folder = registryFolder();
  for (const [options, message] of [
    [[], /No registry was named/],
    [["--weaver", "nowhere"], /There is no folder nowhere/],
    [["--weaver", "model"], /does not say what the service is called.*\n.*--service NAME/],
    [
      ["--weaver", "model", "--service", "bakery"],
      /which span is the root.*\n.*--root with one of bread\.bake, bread\.cool/,
    ],
    [
      ["--weaver", "model", "--service", "bakery", "--root", "bread"],
      /has no span bread\b.*\n.*bread\.bake/,
    ],
  ] as const) {
    const { exitCode, stderr } = run(folder, ...options);
    assert.equal(exitCode, 2, options.join(" "));
    assert.match(stderr, message);
  }
  writeFileSync(join(folder, "model", "wrong.yaml"), "groups: [}\n");
  const { exitCode, stderr } = run(folder, "--weaver", "model", "--service", "bakery");
  assert.equal(exitCode, 2);
  assert.match(stderr, /\[registry_invalid\]\n {2}model.wrong\.yaml:1: It is not YAML: /);
  assert.equal(existsSync(join(folder, "contracts")), false);
});

test("contract:import says what nobody can declare", { timeout }, () => {
  const folder = registryFolder();
  writeFileSync(
    join(folder, "model", "more.yaml"),
    `groups:
  - id: metric.bread.sold.ratio
    type: metric
    metric_name: bread_sold.ratio
    instrument: gauge
    unit: "1"
    brief: Sold.
    stability: development
  - id: metric.bread.sold_ratio
    type: metric
    metric_name: bread.sold.ratio
    instrument: gauge
    unit: "1"
    brief: Sold.
    stability: development
`,
  );
  const given = ["--weaver", "model", "--service", "bakery", "--root", "bread.bake"];
  const { exitCode, stdout } = run(folder, ...given);
  assert.equal(exitCode, 1, stdout);
  assert.match(
    stdout,
    /To correct in \S+: bread_sold_ratio would be there twice in Prometheus\.\n$/,
  );
  assert.ok(existsSync(join(folder, "contracts", "bakery.ts")));
});

test("contract:import takes a service's name from a registry as text alone", { timeout }, () => {
  const folder = registryFolder();
  const service = "../../*/ throw new Error(); /*";
  const given = ["--weaver", "model", "--service", service, "--root", "bread.bake"];
  const { exitCode, stderr } = run(folder, ...given);
  assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" });
  assert.equal(readdirSync(join(folder, "contracts")).length, 1);
});
