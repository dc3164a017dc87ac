/** Every command that prints something of a stranger: nothing of it is obeyed by a terminal. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readIdentity } from "../../stack/state/process-identity.ts";
import {
  credentials,
  type FakeGrafana,
  startFakeGrafana,
} from "../support/fake-grafana/fake-grafana.ts";
import {
  hostileText,
  hostileTrace,
  hostileTraceId,
  secret,
  startHostilePeer,
} from "../support/hostile-peer.ts";
import { type CommandEnd, checkout, waitForEnd } from "./stack-under-test.ts";

const timeout = 240_000;

interface Fixture {
  readonly folder: string;
  readonly peer: string;
  readonly run: (program: string, ...given: string[]) => Promise<CommandEnd>;
}

/** A folder whose log is a stranger's, and a stack that says it runs, of which all is one peer. */
async function createFixture(t: TestContext): Promise<Fixture> {
  const folder = mkdtempSync(join(tmpdir(), "miniserve-hostile-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const peer = await startHostilePeer(t);
  const supervisor = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  t.after(() => supervisor.kill("SIGKILL"));
  const logFile = join(folder, "miniserve.log");
  const line = {
    time: hostileText,
    level: hostileText,
    event: hostileText,
    trace_id: hostileTraceId,
    span_id: hostileText,
    [hostileText]: hostileText,
  };
  const plainLine = hostileText.replaceAll("\n", "");
  writeFileSync(logFile, `${JSON.stringify(line)}\n${plainLine}\n${JSON.stringify([line])}\n`);
  const stack = join(folder, "stack");
  mkdirSync(stack);
  const process1 = readIdentity(supervisor.pid ?? 0);
  const child = { phase: "ready", process: process1, startedAt: hostileText, restarts: 1 };
  const lastExit = { at: hostileText, sentence: hostileText };
  const state = {
    version: 1,
    phase: "running",
    driver: "embedded",
    startedAt: new Date().toISOString(),
    serverUrl: peer,
    viewerUrl: null,
    tempoUrl: peer,
    otlpGrpcUrl: `http://me:${secret}@127.0.0.1:1`,
    otlpHttpUrl: peer,
    logFile,
    starter: null,
    supervisor: process1,
    children: [
      { name: "server", ...child, lastExit },
      { name: "store", ...child, lastExit },
    ],
  };
  writeFileSync(join(stack, "stack.json"), JSON.stringify(state));
  writeFileSync(join(stack, "server.log"), `${plainLine}\n`);
  const environment = {
    ...process.env,
    STACK_DIR: stack,
    MINISERVE_LOG_FILE: logFile,
    MINISERVE_INDEXES_DIRECTORY: join(folder, "indexes"),
    MINISERVE_OFFLINE: "1",
    TOKEN: credentials.person,
  };
  const run: Fixture["run"] = (program, ...given) =>
    waitForEnd(
      spawn(process.execPath, [join(checkout, program), ...given], {
        cwd: folder,
        env: environment,
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
  return { folder, peer, run };
}

const obeyed = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
/** How the text is shown where it is shown. */
const shown = /\\u001b\[2J/;

function assertHarmless(what: string, { stdout, stderr }: CommandEnd): void {
  for (const output of [stdout, stderr]) {
    const [found] = obeyed.exec(output) ?? [];
    const place = output.slice(Math.max(0, output.search(obeyed) - 60)).slice(0, 120);
    assert.equal(found, undefined, `${what}: ${JSON.stringify(place)}`);
    assert.ok(!/^evil|^\[2J/m.test(output), `${what}: a line of a stranger's: ${output}`);
    assert.ok(!output.includes("a defect of this program"), `${what}: ${output}`);
  }
}

test("what a store, a log and a file say is shown, and not obeyed", { timeout }, async (t) => {
  const { folder, peer, run } = await createFixture(t);
  const file = join(folder, "trace.json");
  writeFileSync(file, JSON.stringify(hostileTrace()));
  const odd = join(folder, "odd.json");
  writeFileSync(
    odd,
    JSON.stringify({ resourceSpans: [{ [hostileText]: hostileText, scopeSpans: 1 }] }),
  );
  const judged = join(folder, "judged.json");
  writeFileSync(judged, JSON.stringify(hostileTrace("miniserve")));
  const tempo = ["--tempo", peer];
  const calls: readonly (readonly string[])[] = [
    ["scripts/trace-check.ts", file],
    ["scripts/trace-check.ts", judged],
    ["scripts/trace-check.ts", odd],
    ["scripts/trace-check.ts", `${file}${"\u001b[2J\u202e\u009b"}`],
    ["scripts/trace-show.ts", hostileTraceId, ...tempo],
    ["scripts/trace-show.ts"],
    ["scripts/trace-export.ts", hostileTraceId, "--out", join(folder, "out.json"), ...tempo],
    ["scripts/query.ts", "{ }", ...tempo],
    ["scripts/query.ts", "{ } | rate() by (name)", ...tempo],
    ["scripts/query.ts", "{ name = `refuse` }", ...tempo],
    ["scripts/query.ts", "failed-requests", ...tempo],
    ["scripts/query.ts", "--all", ...tempo],
    ["scripts/verify.ts"],
    ["scripts/stack-export.ts", "--parquet", join(folder, "parquet")],
    ["stack/status.ts"],
    ["stack/logs.ts"],
    ["stack/logs.ts", "--raw"],
    ["stack/logs.ts", "server"],
  ];
  const asked = new Set(["scripts/trace-check.ts", "scripts/query.ts", "stack/status.ts"]);
  for (const [program = "", ...given] of calls) {
    for (const options of asked.has(program) ? [given, [...given, "--json"]] : [given]) {
      const what = [program, ...options].join(" ").slice(0, 100);
      const end = await run(program, ...options);
      assertHarmless(what, end);
      const isJson = options.includes("--json");
      if (!isJson) {
        assert.ok(!`${end.stdout}${end.stderr}`.includes(secret), `${what}: ${end.stdout}`);
      }
    }
  }
  const trace = await run("scripts/trace-check.ts", file);
  assert.match(trace.stdout, shown);
  assert.match((await run("scripts/trace-show.ts", hostileTraceId, ...tempo)).stdout, shown);
  assert.match((await run("stack/logs.ts")).stdout, shown);
  assert.match((await run("stack/status.ts")).stdout, shown);
});

test("an argument, a name and a setting are not obeyed either", { timeout }, async (t) => {
  const { folder, run } = await createFixture(t);
  const odd = "\u001b[2J\u0007\u009b\u202e\u200b";
  mkdirSync(join(folder, "docs"));
  writeFileSync(join(folder, "docs", `${odd}.md`), "words");
  const programs: readonly (readonly string[])[] = [
    ["scripts/query.ts", `refuse ${odd}`],
    ["scripts/query.ts", "failed-requests", "--set", `${odd}=${odd}`],
    ["scripts/query.ts", `--${odd}`],
    ["scripts/contract-diff.ts", "--base", odd],
    ["scripts/contract-diff.ts", odd],
    ["scripts/bench.ts", odd],
    ["scripts/bench.ts", "server", "--only", odd],
    ["scripts/index-documents.ts", odd, odd],
    ["scripts/index-documents.ts", "handbook", join(folder, odd)],
    ["scripts/index-documents.ts", "--remove", odd],
    ["scripts/dashboards-preview.ts", "--tempo", `http://me:${secret}@127.0.0.1:9/${odd}`],
    ["scripts/dashboards-preview.ts", "--port", odd],
    ["scripts/stack-export.ts", "--parquet", join(folder, odd, odd), "--since", odd],
    ["scripts/provision.ts", "--grafana", odd],
    ["scripts/provision.ts", "--grafana", "http://localhost", "--token-env", odd],
    ["scripts/provision.ts", "--export", odd],
    ["scripts/stack-size.ts", "--days", odd],
    ["stack/logs.ts", odd],
    ["stack/up.ts", "--driver", odd],
    ["scripts/trace-export.ts", odd],
  ];
  for (const [program = "", ...given] of programs) {
    const end = await run(program, ...given);
    const what = [program, ...given.map((one) => JSON.stringify(one))].join(" ");
    assertHarmless(what, end);
    assert.notEqual(end.exitCode, 0, what);
    assert.ok(!`${end.stdout}${end.stderr}`.includes(secret), what);
  }
});

async function provisionOutput(t: TestContext, plant: (grafana: FakeGrafana) => void) {
  const { run } = await createFixture(t);
  const grafana = await startFakeGrafana(t);
  plant(grafana);
  const given = ["--grafana", grafana.url, "--token-env", "TOKEN"];
  const end = await run("scripts/provision.ts", ...given);
  assertHarmless("provision", end);
  assert.ok(!`${end.stdout}${end.stderr}`.includes(secret), end.stdout + end.stderr);
  return end;
}

test("what a Grafana answers is shown, and not obeyed", { timeout }, async (t) => {
  const refused = await provisionOutput(t, ({ content }) => {
    content.datasources.set("tempo", { uid: "tempo", type: "tempo", name: hostileText });
    content.folders.set("miniserve", { uid: "miniserve", title: hostileText });
  });
  assert.match(refused.stdout, shown);
  const version = await provisionOutput(t, ({ content }) => {
    Object.assign(content, { version: `13.0.0${hostileText}`, edition: hostileText });
  });
  assert.match(version.stdout, shown);
  for (const kind of [302, 400, 401, 403, 409, 413]) {
    const end = await provisionOutput(t, ({ faults }) => {
      const headers = kind === 302 ? { location: `http://me:${secret}@host/\u009b` } : {};
      const body = { message: hostileText, url: `http://me:${secret}@host` };
      faults.push({ request: "GET /api/frontend", kind, body, headers });
    });
    assert.equal(end.exitCode, 2, `${kind}`);
  }
  const late = await provisionOutput(t, ({ faults }) => {
    faults.push({ request: "POST /api/folders", kind: 400, body: { message: hostileText } });
  });
  assert.match(late.stdout, shown);
});

test("colours are ours alone", { timeout }, async (t) => {
  const { folder } = await createFixture(t);
  const file = join(folder, "trace.json");
  const document = JSON.stringify(hostileTrace("miniserve")).replaceAll("[2J", "[31m");
  writeFileSync(file, document);
  const child = spawn(process.execPath, [join(checkout, "scripts/trace-check.ts"), file], {
    cwd: folder,
    env: { ...process.env, FORCE_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { stdout } = await waitForEnd(child);
  const red = "\u001b[31m";
  assert.ok(stdout.includes(`${red}✗`));
  assert.match(stdout, /\\u001b\[31m/);
  // What is left without ours has none.
  const [, ...pieces] = stdout.split("\u001b[");
  assert.ok(pieces.every((piece) => /^(?:1|2|22|31|33|36|39)m/.test(piece)));
  assertHarmless("coloured", { exitCode: 0, stderr: "", stdout: pieces.join("") });
});
