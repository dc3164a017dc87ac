import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { parse } from "yaml";
import { temporaryDirectory } from "../../tests/support/temporary-directory.ts";
import { judgeAdvisories } from "./advisories.ts";
import { readReleaseNotes } from "./release-notes.ts";

const run = promisify(execFile);
const checkout = join(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(checkout, file), "utf8");

async function runScript(script: string, given: readonly string[], environment = {}) {
  const done = { code: 0, stdout: "", stderr: "" };
  const options = { cwd: checkout, env: { ...process.env, ...environment } };
  const result = await run(process.execPath, [join("scripts", script), ...given], options).catch(
    (error) => error,
  );
  return { ...done, ...result } as typeof done;
}

test("the version that is prepared has its section of changes", async () => {
  const { version } = JSON.parse(read("package.json"));
  const { code, stdout } = await runScript("release-notes.ts", [`v${version}`]);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^### /m);
  assert.doesNotMatch(stdout, /^## /m);
  const wrong = await runScript("release-notes.ts", ["v0.0.1"]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stdout, new RegExp(`the tag should be v${version.replaceAll(".", "\\.")}`));
  assert.equal((await runScript("release-notes.ts", [])).code, 2);
});

test("a section of changes is that of the version, with a date", () => {
  const changes =
    "# Changes\n\n## Unreleased\n\nnew\n\n## 1.2.3 (2026-01-02)\n\nthis\n\n## 1.2.2 (2025-01-02)\n\nold\n";
  const ask = (version: string, text = changes) =>
    readReleaseNotes({ tag: `v${version}`, version, changes: text });
  assert.deepEqual(ask("1.2.3"), { notes: "this" });
  for (const [version, text] of [
    ["1.2.4", changes],
    ["1.2.3", changes.replace("(2026-01-02)", "")],
    ["1.2.3", changes.replace("(2026-01-02)", "(soon)")],
  ] as const) {
    const result = ask(version, text);
    assert.match("faults" in result ? result.faults.join() : "", /no section/);
  }
});

test("the bill of materials names all that ships, with its licence, and is the same each time", async () => {
  const file = join(temporaryDirectory(), "sbom.cdx.json");
  const write = async (): Promise<string> => {
    const { code, stderr } = await runScript("release-sbom.ts", ["--out", file]);
    assert.equal(code, 0, stderr);
    return readFileSync(file, "utf8");
  };
  const text = await write();
  assert.equal(await write(), text);
  const bill = JSON.parse(text);
  assert.deepEqual([bill.bomFormat, bill.specVersion], ["CycloneDX", "1.5"]);
  assert.match(
    bill.serialNumber,
    /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  assert.equal(bill.metadata.component.name, "miniserve");
  const components = new Map<string, { licenses?: unknown[]; hashes?: unknown[] }>(
    bill.components.map((one: { name: string }) => [one.name, one]),
  );
  const { dependencies } = JSON.parse(read("package.json"));
  for (const name of [
    ...Object.keys(dependencies),
    "llama.cpp",
    "@duckdb/node-bindings-linux-arm64",
  ]) {
    assert.ok(components.get(name), name);
  }
  assert.ok(!components.has("knip"), "what only develops is not shipped");
  const references = new Set(bill.components.map((one: Record<string, string>) => one["bom-ref"]));
  assert.equal(references.size, bill.components.length);
  for (const { ref, dependsOn } of bill.dependencies) {
    for (const one of [ref, ...dependsOn]) {
      assert.ok(references.has(one) || one === bill.metadata.component["bom-ref"], one);
    }
  }
  for (const model of ["SmolLM2-135M-Instruct.Q4_1.gguf", "all-MiniLM-L6-v2.F16.gguf"]) {
    assert.equal(components.get(model)?.hashes?.length, 1, model);
  }
});

const advisory = {
  url: "https://github.com/advisories/GHSA-aaaa-bbbb-cccc",
  ...{ title: "Overflow", severity: "high", name: "left", range: "<2" },
};
const report = { vulnerabilities: { left: { via: [advisory] }, right: { via: ["left"] } } };
const exception = {
  ...{
    advisory: "GHSA-aaaa-bbbb-cccc",
    package: "left",
    reason: "not reached",
    until: "2026-12-31",
  },
};

test("an advisory needs an exception that still holds", () => {
  const judge = (
    exceptions: (typeof exception)[],
    today = "2026-12-01",
    given: Parameters<typeof judgeAdvisories>[0] = report,
  ) => judgeAdvisories(given, exceptions, today);
  assert.deepEqual(judge([exception]), []);
  assert.match(judge([]).join(), /^left <2: high. Overflow \(https/);
  assert.match(judge([{ ...exception, package: "right" }]).join(), /left <2: .* no longer needed/);
  assert.match(judge([exception], "2027-01-01").join(), /ended on 2026-12-31/);
  assert.match(
    judge([exception], "2026-12-01", { vulnerabilities: {} }).join(),
    /no longer needed/,
  );
});

test("the exceptions each have a reason and a day", () => {
  for (const one of JSON.parse(read("scripts/release/advisory-exceptions.json"))) {
    assert.match(one.advisory, /^GHSA-/);
    assert.ok(one.package !== "" && one.reason.length > 20, one.advisory);
    assert.match(one.until, /^\d{4}-\d{2}-\d{2}$/);
  }
});

test("npm's own question is judged; a registry that has no answer is no silent yes", async (t) => {
  const { version } = JSON.parse(read("node_modules/yaml/package.json"));
  let answer: { status: number; body: unknown } = { status: 200, body: {} };
  const registry = createServer((request, response) => {
    request.resume();
    const isPackage = request.method === "GET";
    const name = decodeURIComponent(request.url?.slice(1) ?? "");
    const described = { name, versions: { [version]: { name, version } }, "dist-tags": {} };
    response.writeHead(isPackage ? 200 : answer.status, { "content-type": "application/json" });
    response.end(JSON.stringify(isPackage ? described : answer.body));
  });
  await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
  t.after(() => registry.close());
  const { port } = registry.address() as AddressInfo;
  const environment = {
    npm_config_registry: `http://127.0.0.1:${port}/`,
    npm_config_fetch_retries: "0",
  };
  const ask = (...given: string[]) => runScript("release-advisories.ts", given, environment);
  assert.equal((await ask()).code, 0);
  answer = { status: 200, body: { yaml: [{ id: 1, ...advisory, vulnerable_versions: "<999" }] } };
  const found = await ask();
  assert.equal(found.code, 1, found.stderr);
  assert.match(found.stdout, /yaml .*: high\. Overflow/);
  answer = { status: 405, body: {} };
  const unanswered = await ask();
  assert.equal(unanswered.code, 0);
  assert.match(unanswered.stdout, /^NOT CHECKED for advisories: .*405/);
  assert.equal((await ask("--required")).code, 1);
});

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<string, { readonly steps: readonly { readonly uses?: string; readonly run?: string }[] }>
  >;
}

test("workflows pin actions by commit, put no text of others into a script, and run scripts that exist", () => {
  const { scripts } = JSON.parse(read("package.json"));
  const files = globSync(".github/workflows/*.yml", { cwd: checkout });
  assert.ok(files.some((file) => file.endsWith("release.yml")));
  for (const file of files) {
    const workflow = parse(read(file)) as Workflow;
    assert.deepEqual(workflow.permissions, { contents: "read" }, file);
    for (const { uses, run: script = "" } of Object.values(workflow.jobs).flatMap(
      ({ steps }) => steps,
    )) {
      assert.ok(uses === undefined || /@[0-9a-f]{40}$/.test(uses), `${file}: ${uses}`);
      assert.doesNotMatch(script, /\$\{\{(?!\s*github\.sha\s*\}\})/, file);
      for (const [, name = ""] of script.matchAll(/npm run (?:--silent )?([\w:-]+)/g)) {
        assert.ok(Object.hasOwn(scripts, name), `${file}: ${name}`);
      }
    }
  }
});

test("the forms for issues have the parts that GitHub asks for", () => {
  for (const file of globSync(".github/ISSUE_TEMPLATE/*.yml", { cwd: checkout })) {
    const form = parse(read(file));
    if (file.endsWith("config.yml")) {
      continue;
    }
    assert.ok(form.name && form.description, file);
    const ids = form.body.flatMap((part: { id?: string }) => part.id ?? []);
    assert.equal(new Set(ids).size, ids.length, file);
    for (const { type, attributes } of form.body) {
      assert.ok(["markdown", "textarea", "input"].includes(type), file);
      assert.ok(type === "markdown" ? attributes.value : attributes.label, file);
    }
  }
});
