/** A configuration outside this checkout, of several services: what commands make of it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { parse } from "yaml";

const folder = mkdtempSync(join(tmpdir(), "miniserve-services-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const config = join(folder, "miniserve.config.ts");

function run(command: string, ...options: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["scripts/run.mjs", command, ...options],
    { encoding: "utf8" },
  );
  return { status, stdout, stderr };
}

/** `miniserve/contract` as a project has it that has this one installed. */
function writeConfiguration(services: string, more = ""): void {
  writeFileSync(
    config,
    [
      'import { defineConfig, defineService } from "miniserve/contract";',
      `import { miniserve } from ${JSON.stringify(resolve("contract/miniserve/index.ts"))};`,
      `import { checkout } from ${JSON.stringify(resolve("tests/support/traces/checkout.ts"))};`,
      more,
      `export default defineConfig({ services: [${services}] });`,
      "",
    ].join("\n"),
  );
}

const both = "defineService({ contract: miniserve }), defineService({ contract: checkout })";

test("each service has its files, and the pipeline is for all", () => {
  writeConfiguration(both);
  const made = run("generate", "--config", config);
  assert.equal(made.status, 0, made.stderr);
  const files = globSync("**/generated/**/*.{json,yaml,md}", { cwd: folder }).sort();
  for (const name of ["overview", "one-request", "pipeline", "saved-queries", "span-attributes"]) {
    assert.ok(files.includes(`dashboards/generated/miniserve/${name}.json`), name);
    assert.ok(files.includes(`dashboards/generated/checkout/${name}.json`), name);
  }
  const uids = files
    .filter((file) => file.startsWith("dashboards/"))
    .map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")).uid);
  assert.equal(new Set(uids).size, 10);
  const collector = parse(readFileSync(join(folder, "stack/generated/collector.yaml"), "utf8"));
  assert.deepEqual(collector.processors["filter/links"].traces.span, [
    "Len(span.links) > 0",
    'resource.attributes["service.name"] != "miniserve" and resource.attributes["service.name"] != "checkout"',
  ]);
  for (const { conditions } of collector.processors["transform/spans"].trace_statements) {
    assert.match(
      conditions.join(),
      /^resource\.attributes\["service\.name"\] == "(miniserve|checkout)"/,
    );
  }
  const tempo = parse(readFileSync(join(folder, "stack/generated/tempo/production.yaml"), "utf8"));
  const columns: { name: string }[] = tempo.storage.trace.block.parquet_dedicated_columns;
  const names = columns.map(({ name }) => name);
  assert.ok(names.includes("llm.model") && names.includes("shop.refusal"));
  assert.equal(names.filter((name) => name === "service.name").length, 1);
  const provider = readFileSync(
    join(folder, "provisioning/generated/grafana/dashboards/dashboards.yaml"),
    "utf8",
  );
  assert.deepEqual(
    parse(provider).providers.map(({ folder: title }: { folder: string }) => title),
    ["miniserve", "checkout"],
  );
  const again = run("generate", "--check", "--config", config);
  assert.equal(again.status, 0, again.stdout);
  // Pages about this project are its own.
  assert.ok(!files.some((file) => file.endsWith("settings.md")));
});

test("a command takes one of the services, and says which there are", () => {
  writeConfiguration(both);
  const all = run("query", "--list", "--config", config, "--json");
  const one = run("query", "--list", "--config", config, "--service", "checkout", "--json");
  const services = (text: string) => [
    ...new Set(JSON.parse(text).queries.map(({ service }: { service: string }) => service)),
  ];
  assert.deepEqual(services(all.stdout), ["miniserve", "checkout"]);
  assert.deepEqual(services(one.stdout), ["checkout"]);
  const unknown = run("query", "--list", "--config", config, "--service", "till", "--json");
  assert.equal(unknown.status, 2);
  assert.equal(JSON.parse(unknown.stdout).error.code, "service_unknown");
  assert.match(JSON.parse(unknown.stdout).error.hint, /miniserve, checkout/);
  const several = run("query", "slow-requests", "--config", config, "--json");
  assert.match(JSON.parse(several.stdout).error.hint, /--service: miniserve, checkout/);
});

test("a configuration that cannot be used is told, with what to do", () => {
  const refusal = (...options: readonly string[]) => {
    const { status, stdout } = run("generate", "--json", ...options);
    assert.equal(status, 2, stdout);
    return JSON.parse(stdout).error;
  };
  const gone = refusal("--config", join(folder, "none.ts"));
  assert.equal(gone.code, "services_unreadable");
  assert.match(gone.message, /there is no such file/);
  writeFileSync(config, "export default 5;\n");
  assert.match(refusal("--config", config).message, /no default export with services/);
  writeFileSync(config, "export default {{;\n");
  assert.equal(refusal("--config", config).code, "services_unreadable");
  writeConfiguration(
    "defineService({ contract: checkout }), defineService({ contract: checkout })",
  );
  const twice = refusal("--config", config);
  assert.equal(twice.code, "contracts_invalid");
  assert.deepEqual(twice.details, ["checkout and checkout would both have the folder checkout"]);
});
