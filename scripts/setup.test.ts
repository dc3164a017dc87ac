import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Checkout, type SetupRun } from "./testing/setup-checkout.ts";

/** A run that ends with exit code 2 and one sentence on stderr, with this code. */
function assertRefused(run: SetupRun, code: string, exitCode = 2): void {
  assert.equal(run.code, exitCode, run.stderr);
  const sentences = run.stderr.split("\n").filter((line) => /^setup: [a-z_]+: /.test(line));
  assert.equal(sentences.length, 1, run.stderr);
  assert.match(sentences[0] ?? "", new RegExp(`^setup: ${code}: `));
  assert.doesNotMatch(run.stderr, /\n {4}at /, "a stack trace is not a sentence");
}

async function installed(test: TestContext): Promise<Checkout> {
  const checkout = new Checkout(test);
  const run = await checkout.setup();
  assert.equal(run.code, 0, run.stderr);
  return checkout;
}

test("a fresh clone is installed, and then left alone", async (context) => {
  const checkout = new Checkout(context);
  const first = await checkout.setup();
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /nothing is installed yet.*\n.*installed in \d+ s/);
  assert.ok(existsSync(checkout.path("node_modules/near/package.json")));
  assert.deepEqual(await checkout.setup(), { code: 0, stdout: "", stderr: "" });
});

test("an interrupted install is done again", async (context) => {
  const checkout = await installed(context);
  rmSync(checkout.path("node_modules/.package-lock.json"));
  assert.match((await checkout.setup()).stderr, /an earlier install did not finish.*\n.*installed/);
  assert.equal((await checkout.setup()).stderr, "");
});

test("a newer lockfile and a missing package are noticed", async (context) => {
  const checkout = await installed(context);
  rmSync(checkout.path("node_modules/near"));
  assert.match((await checkout.setup()).stderr, /near is missing.*\n.*installed/);
  checkout.write("near/package.json", { name: "near", version: "1.1.0" });
  checkout.lock({ near: { version: "1.1.0" } });
  assert.match((await checkout.setup()).stderr, /package-lock\.json is newer.*\n.*installed/);
});

test("a clean install can be asked for", async (context) => {
  const checkout = await installed(context);
  checkout.write("node_modules/marker", "");
  assert.match((await checkout.setup(["--clean"])).stderr, /a clean install.*\n.*installed/);
  assert.equal(existsSync(checkout.path("node_modules/marker")), false);
});

test("two at once: one installs, the other waits", async (context) => {
  const checkout = new Checkout(context);
  const runs = await Promise.all([checkout.setup(), checkout.setup()]);
  assert.deepEqual(
    runs.map((run) => run.code),
    [0, 0],
  );
  const installs = runs.filter((run) => run.stderr.includes("installed in"));
  assert.equal(installs.length, 1, runs.map((run) => run.stderr).join("\n"));
});

test("nothing is reinstalled under a running stack", async (context) => {
  const checkout = await installed(context);
  const server = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
    cwd: checkout.root,
    stdio: "ignore",
  });
  context.after(() => server.kill("SIGKILL"));
  await new Promise((started) => server.once("spawn", started));
  checkout.write("node_modules/marker", "");
  checkout.lock({ near: { version: "1.1.0" } });
  for (const folder of [".stack", "elsewhere"]) {
    checkout.write(`${folder}/stack.json`, { pids: { server: server.pid } });
    const environment = folder === ".stack" ? {} : { STACK_DIR: folder };
    const run = await checkout.setup([], environment);
    assertRefused(run, "stack_running");
    assert.match(run.stderr, new RegExp(`server \\(pid ${server.pid}\\).*npm run stack:down`));
    assert.equal((await checkout.setup(["--clean"], environment)).code, 2);
    rmSync(checkout.path(folder), { recursive: true });
  }
  assert.ok(existsSync(checkout.path("node_modules/marker")));
});

test("a number that now belongs to another program is not a running stack", async (context) => {
  const checkout = await installed(context);
  checkout.write("near/package.json", { name: "near", version: "1.1.0" });
  checkout.lock({ near: { version: "1.1.0" } });
  checkout.write(".stack/stack.json", { pids: { server: process.pid, gone: 2 ** 30 } });
  assert.match((await checkout.setup()).stderr, /installed in/);
});

test("--present asks for an install and never makes one", async (context) => {
  const checkout = new Checkout(context);
  assertRefused(await checkout.setup(["--present"]), "not_installed");
  assert.equal(existsSync(checkout.path("node_modules")), false);
  checkout.write("node_modules/tsx/package.json", {});
  assert.deepEqual(await checkout.setup(["--present"]), { code: 0, stdout: "", stderr: "" });
});

test("a registry out of reach is one sentence", async (context) => {
  const checkout = new Checkout(context);
  checkout.lock(
    { "node_modules/far": { version: "1.0.0", integrity: "sha512-AA==" } },
    { dependencies: { far: "1.0.0" } },
  );
  const run = await checkout.setup([], {
    npm_config_registry: `http://127.0.0.1:${await closedPort()}/`,
    npm_config_fetch_retries: "0",
    npm_config_cache: checkout.path("npm-cache"),
  });
  assertRefused(run, "network_failed");
  assert.match(run.stderr, /ECONNREFUSED/);
});

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === "object" && address !== null ? address.port : 1;
}

test("no npm is one sentence", async (context) => {
  const checkout = new Checkout(context);
  mkdirSync(checkout.path("empty"));
  const environment = { npm_execpath: undefined, PATH: checkout.path("empty") };
  assertRefused(await checkout.setup([], environment), "npm_missing");
});

for (const [code, script, exitCode] of [
  ["disk_full", "echo 'npm error code ENOSPC' >&2; exit 228", 1],
  ["npm_failed", "echo 'npm error code E404' >&2; echo 'npm error 404 gone' >&2; exit 1", 2],
  ["npm_failed", "exit 3", 2],
  ["interrupted", "kill -TERM $$", 143],
  ["install_incomplete", "exit 0", 2],
] as const) {
  test(`an npm that ends with "${script}" is ${code}`, async (context) => {
    const checkout = new Checkout(context);
    assertRefused(await checkout.setup([], checkout.fakeNpm(script)), code, exitCode);
  });
}

test("what npm repeats of a registry and of its settings is not obeyed, and no secret", async (context) => {
  const checkout = new Checkout(context);
  const script = String.raw`printf 'npm error code E401\033[2J\nnpm error 401 \033]0;x\007\302\233 http://me:hunter2x@host _authToken=hunter2xyz Bearer hunter2xyz\n' >&2; exit 1`;
  const { stderr } = await checkout.setup([], checkout.fakeNpm(script));
  assert.match(stderr, /npm_failed: .*\\u001b\]0;x\\u0007\\u009b http:\/\/…@host/);
  assert.doesNotMatch(stderr, /hunter2/);
  assert.doesNotMatch(stderr.replaceAll("\n", ""), /\p{Cc}/u);
});

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  test(`an install that is stopped by ${signal} ends soon, with all that it started`, async (context) => {
    const checkout = new Checkout(context);
    // It does not hear the signal, and has started something that writes on.
    const environment = checkout.fakeNpm(
      "[ $1 = ci ] || exit 0\ntrap '' INT TERM\nwhile true; do echo x >> ticks; sleep 0.05; done",
    );
    const child = checkout.startSetup([], environment);
    let stderr = "";
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    const ended = once(child, "exit");
    while (!existsSync(checkout.path("ticks"))) {
      await delay(20);
    }
    child.kill(signal);
    assert.equal((await ended)[0], code, stderr);
    assert.match(stderr, /^setup: interrupted: the install was stopped/m);
    assert.doesNotMatch(stderr, /\n {4}at /);
    assert.equal(existsSync(checkout.path(".setup.lock")), false);
    const { length } = readFileSync(checkout.path("ticks"));
    await delay(300);
    assert.equal(readFileSync(checkout.path("ticks")).length, length, "npm goes on writing");
  });
}

test("a checkout on a read-only disk is one sentence", {
  skip: process.platform === "linux" ? false : "a disk is mounted",
}, async (context) => {
  const checkout = new Checkout(context);
  try {
    execFileSync("mount", ["--bind", checkout.root, checkout.root], { stdio: "ignore" });
  } catch {
    context.skip("no disk may be mounted here");
    return;
  }
  try {
    execFileSync("mount", ["-o", "remount,bind,ro", checkout.root], { stdio: "ignore" });
    assertRefused(await checkout.setup(), "file_unwritable");
  } finally {
    execFileSync("umount", ["--lazy", checkout.root]);
  }
});

test("an npm from before the lockfile's form is refused", async (context) => {
  const checkout = new Checkout(context);
  const environment = checkout.fakeNpm("exit 0");
  checkout.write("bin/npm", "#!/bin/sh\necho 6.14.18\n");
  assertRefused(await checkout.setup([], environment), "npm_too_old");
});

const pretendNode18 = [
  "--import",
  'data:text/javascript,Object.defineProperty(process,"version",{value:"v18.1.0"})',
];

test("an old Node is refused where no Node comes along", async (context) => {
  const checkout = new Checkout(context);
  const run = await checkout.setup([], {}, pretendNode18);
  assertRefused(run, "node_too_old");
  assert.match(run.stderr, /this machine runs Node 18\.1\.0, .*Install Node 24/);
  assert.equal(existsSync(checkout.path("node_modules")), false);
});

test("an old Node will do where one comes along, if that one runs", async (context) => {
  const checkout = new Checkout(context);
  const bundled = { os: process.platform, cpu: process.arch, bin: { node: "node.sh" } };
  checkout.write("bundled/package.json", { name: "bundled", version: "1.0.0", ...bundled });
  checkout.lock(
    {
      bundled: { version: "1.0.0", optional: true, ...bundled },
      "node_modules/bundled": { resolved: "bundled", link: true },
    },
    { optionalDependencies: { bundled: "file:bundled" } },
  );
  checkout.write("bundled/node.sh", "#!/bin/sh\necho v24.0.1\n");
  const good = await checkout.setup([], {}, pretendNode18);
  assert.match(good.stderr, /npm scripts run on Node 24\.0\.1/);
  rmSync(checkout.path("node_modules/.bin/node"));
  const relinked = await checkout.setup([], {}, pretendNode18);
  assert.deepEqual(relinked, { code: 0, stdout: "", stderr: "" });
  assert.ok(existsSync(checkout.path("node_modules/.bin/node")));
  checkout.write("bundled/node.sh", "#!/bin/sh\necho GLIBC_2.28 not found >&2; exit 1\n");
  const bad = await checkout.setup(["--clean"], {}, pretendNode18);
  assertRefused(bad, "node_broken");
  assert.match(bad.stderr, /GLIBC_2\.28 not found/);
});

test("what npm leaves out on an old Node is installed with the new one", async (context) => {
  const checkout = new Checkout(context);
  const bundled = { os: process.platform, cpu: process.arch, bin: { node: "node.sh" } };
  checkout.write("bundled/package.json", { name: "bundled", version: "1.0.0", ...bundled });
  checkout.write(
    "bundled/node.sh",
    `#!/bin/sh\n[ "$1" = --version ] || echo "$1" >> ran\nexec "${process.execPath}" "$@"\n`,
  );
  chmodSync(checkout.path("bundled/node.sh"), 0o755);
  checkout.lock(
    {
      bundled: { version: "1.0.0", optional: true, ...bundled },
      "node_modules/bundled": { resolved: "bundled", link: true },
    },
    { optionalDependencies: { bundled: "file:bundled" } },
  );
  // The first time, this npm installs half of what it should.
  const environment = checkout.fakeNpm(
    "[ $1 = ci ] || exit 0\nmkdir node_modules 2>/dev/null && cp -r bundled node_modules && exit 0\n" +
      `exec node "${npmProgram()}" "$@"`,
  );
  const run = await checkout.setup([], environment, pretendNode18);
  assert.match(run.stderr, /Node 18\.1\.0 is too old for it; again with the new Node/);
  assert.match(run.stderr, /installed in/);
  assert.match(readFileSync(checkout.path("ran"), "utf8"), /npm-cli\.js/);
});

function npmProgram(): string {
  const found = process.env.npm_execpath ?? execFileSync("which", ["npm"], { encoding: "utf8" });
  return realpathSync(found.trim());
}

test("a platform's package that npm left out is noticed", async (context) => {
  const checkout = await installed(context);
  const entry = { version: "1.0.0", optional: true, cpu: [process.arch] };
  checkout.lock({ "node_modules/native-other": { ...entry, os: ["sunos"] } });
  assert.equal((await checkout.setup()).stderr, "");
  checkout.lock({ "node_modules/native-here": { ...entry, os: [process.platform] } });
  const run = await checkout.setup([], checkout.fakeNpm("exit 0"));
  assertRefused(run, "install_incomplete");
  assert.match(run.stderr, /node_modules\/native-here is missing/);
});
