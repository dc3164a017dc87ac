import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { miniserve } from "#miniserve";
import { StackError } from "../../stack/index.ts";
import { toServices } from "../../tests/support/services.ts";
import { readBase } from "./base.ts";

const services = toServices(miniserve);

/** A repository with one commit of these files. */
function repositoryWith(context: TestContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "miniserve-diff-"));
  context.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  const git = (...options: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...options], {
      cwd: root,
      stdio: "pipe",
    });
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "--message", "All.");
  return root;
}

function refusal(root: string, reference: string): StackError {
  try {
    readBase(root, reference, services);
  } catch (error) {
    assert.ok(error instanceof StackError);
    return error;
  }
  assert.fail("It was read.");
}

test("a commit's contract and generated files are read, and no other file", (t) => {
  const root = repositoryWith(t, {
    "docs/generated/miniserve/contract.json": '{"tracerName": "a"}',
    "stack/generated/deep/one.yaml": "a: 1\n",
    "stack/two.yaml": "b: 2\n",
  });
  writeFileSync(join(root, "docs/generated/miniserve/contract.json"), '{"tracerName": "b"}');
  const { contracts, files } = readBase(root, "HEAD", services);
  assert.equal(contracts.get("miniserve")?.tracerName, "a");
  assert.deepEqual(
    files.map(({ path }) => path),
    ["docs/generated/miniserve/contract.json", "stack/generated/deep/one.yaml"],
  );
  assert.equal(files[1]?.content, "a: 1\n");
});

test("the contract of the only service is found where it was before there could be several", (t) => {
  const resource = { serviceName: "serviceName", defaults: { serviceName: "miniserve" } };
  const content = JSON.stringify({ tracerName: "a", resource }, null, 2);
  const root = repositoryWith(t, { "docs/generated/contract.json": content });
  assert.equal(readBase(root, "HEAD", services).contracts.get("miniserve")?.tracerName, "a");
  const other = repositoryWith(t, {
    "docs/generated/contract.json": content.replace("miniserve", "shop"),
  });
  assert.match(refusal(other, "HEAD").message, /^HEAD has no /);
});

test("a contract in the words of before is read in those of now", (t) => {
  const spans = { meaning: "Cooks.", presence: "on-demand", attributes: [{ form: "[a-z]+" }] };
  const root = repositoryWith(t, {
    "docs/generated/miniserve/contract.json": JSON.stringify({ spans }),
  });
  assert.deepEqual(readBase(root, "HEAD", services).contracts.get("miniserve")?.spans, {
    brief: "Cooks.",
    presence: "optional",
    attributes: [{ pattern: "[a-z]+" }],
  });
});

test("a name or value of a contract that is such a word stays", (t) => {
  const attributes = { form: { brief: "Its form.", values: ["whole", "on-demand"] } };
  const metrics = { read: { instrument: "observed-counter" } };
  const root = repositoryWith(t, {
    "docs/generated/miniserve/contract.json": JSON.stringify({ attributes, metrics }),
  });
  const { contracts } = readBase(root, "HEAD", services);
  const contract = contracts.get("miniserve");
  assert.deepEqual(contract?.attributes, attributes);
  assert.deepEqual(contract?.metrics, { read: { instrument: "observable-counter" } });
});

test("what cannot be compared with is said, with what to do", (t) => {
  const root = repositoryWith(t, { "docs/one.md": "one\n" });
  assert.match(
    refusal(root, "HEAD").message,
    /^HEAD has no docs\/generated\/miniserve\/contract\.json\.$/,
  );
  assert.match(refusal(root, "nowhere").message, /^git cannot read nowhere: /);
  assert.match(refusal(root, "--help").message, /^git cannot read --help: /);
  const broken = repositoryWith(t, { "docs/generated/miniserve/contract.json": "{" });
  assert.match(refusal(broken, "HEAD").message, /is not JSON\.$/);
  assert.match(refusal(tmpdir(), "HEAD").message, /^git cannot read HEAD: /);
  assert.equal(refusal(root, "HEAD").exitCode, 2);
});
