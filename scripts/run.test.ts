import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { Checkout } from "./testing/setup-checkout.ts";

const root = resolve(import.meta.dirname, "..");
const commands: Record<string, { readonly program: readonly string[] }> = JSON.parse(
  readFileSync(join(root, "scripts/commands.json"), "utf8"),
);

function run(...options: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "scripts/run.mjs"), ...options],
    { encoding: "utf8" },
  );
  return { code: status, stdout, stderr };
}

test("npm and npx know the same commands, and each has a program", () => {
  const { scripts, bin } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  assert.deepEqual(
    scripts,
    Object.fromEntries(Object.keys(commands).map((name) => [name, `node scripts/run.mjs ${name}`])),
  );
  assert.deepEqual(bin, { miniserve: "scripts/run.mjs" });
  for (const [name, { program }] of Object.entries(commands)) {
    const [file = ""] = program;
    const path = file.endsWith(".ts") ? file : `node_modules/.bin/${file}`;
    assert.ok(existsSync(join(root, path)), `${name}: ${path}`);
  }
});

test("without a command, and for help, all commands are listed", () => {
  for (const options of [[], ["help"], ["--help"], ["-h"]]) {
    const { code, stdout, stderr } = run(...options);
    assert.equal(code, 0);
    assert.equal(stderr, "");
    for (const name of Object.keys(commands)) {
      assert.ok(stdout.includes(`\n  ${name} `), name);
    }
  }
});

test("an unknown command is told with the nearest one, and nothing of it reaches the terminal raw", () => {
  const { code, stdout, stderr } = run("qurey", "--list");
  assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
  assert.match(stderr, /^miniserve: there is no command "qurey"\. Did you mean query\? /);
  assert.ok(!run("\u001b[31m").stderr.includes("\u001b"));
  assert.match(run("constructor").stderr, /there is no command "constructor"/);
});

test("a command gets its options, and its output and exit code are passed on", () => {
  const help = run("query", "--help");
  assert.match(help.stdout, /^npm run query -- \[options\]/);
  assert.deepEqual({ code: help.code, stderr: help.stderr }, { code: 0, stderr: "" });
  const refused = run("query", "--no-such-option");
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /no-such-option/);
});

/** A checkout with the ways into commands, of which `verify` is the given program. */
function checkoutWith(context: TestContext, program: string): Checkout {
  const checkout = new Checkout(context);
  for (const file of ["run.mjs", "commands.json"]) {
    cpSync(join(root, "scripts", file), checkout.path("scripts", file));
  }
  checkout.write("scripts/verify.ts", program);
  checkout.write("stack/status.ts", "");
  return checkout;
}

test("a command installs what is missing, but one for a running stack never does", async (context) => {
  const checkout = checkoutWith(context, "process.stdout.write('verified');");
  const call = (name: string) =>
    spawnSync(process.execPath, ["scripts/run.mjs", name], {
      cwd: checkout.root,
      encoding: "utf8",
    });
  const status = call("stack:status");
  assert.equal(status.status, 2);
  assert.match(status.stderr, /not_installed/);
  const verified = call("verify");
  assert.match(verified.stderr, /installed in/);
  assert.deepEqual([verified.status, verified.stdout], [0, "verified"]);
});

test("the doctor says what is missing where it cannot run itself, and installs nothing", (context) => {
  const { root: bare } = checkoutWith(context, "");
  const call = (...options: string[]) =>
    spawnSync(process.execPath, ["scripts/run.mjs", "doctor", ...options], {
      cwd: bare,
      encoding: "utf8",
    });
  const told = call();
  assert.equal(told.status, 1, told.stderr);
  assert.match(told.stdout, /✓ Node .*✗ Dependencies .*\[not_installed\].*→ npm run stack:up/s);
  const { groups } = JSON.parse(call("--json").stdout);
  assert.equal(groups[0].checks.at(-1).code, "not_installed");
  assert.ok(!existsSync(join(bare, "node_modules")));
  mkdirSync(join(bare, "node_modules"));
  assert.match(call().stdout, /an earlier install did not finish\. \[dependencies_missing\]/);
});

test("on the Node that the dependencies bring, a signal reaches the command", async (context) => {
  const program = `
    process.on("SIGTERM", () => process.exit(7));
    setInterval(() => {}, 1_000);
    process.stdout.write("ready");`;
  const checkout = checkoutWith(context, program);
  await checkout.setup();
  // A copy of this Node, so that the command is started as its child.
  mkdirSync(checkout.path("node_modules/.bin"), { recursive: true });
  copyFileSync(process.execPath, checkout.path("node_modules/.bin/node"));
  const child = spawn(process.execPath, ["scripts/run.mjs", "verify"], { cwd: checkout.root });
  child.stdout.once("data", () => child.kill("SIGTERM"));
  const code = await new Promise((resolve) => child.once("exit", resolve));
  assert.equal(code, 7);
});
