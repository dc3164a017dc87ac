import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type Span, validateTrace } from "#contract";
import { miniserve } from "#miniserve";
import { waitForTrace } from "../../stack/trace/tempo-client.ts";
import { createSecret } from "../support/canary.ts";
import { postJson } from "../support/post-json.ts";
import { ServerProcess } from "../support/server-process.ts";
import { formatSpan } from "../support/span-text.ts";
import { freePorts } from "./program.ts";
import { startCollector } from "./running-collector.ts";
import { startTempo } from "./running-tempo.ts";

/**
 * Server, Collector and Tempo with the generated configurations, as they are in containers: the full
 * verification, every dashboard's queries, and secrets that must be nowhere on the way.
 */

const { TEMPO_BIN = "", OTELCOL_BIN = "" } = process.env;
const timeout = 300_000;
const withBoth = {
  skip:
    (TEMPO_BIN === "" || OTELCOL_BIN === "") &&
    "set TEMPO_BIN and OTELCOL_BIN to Tempo 3.0.3 and the Collector, contrib 0.159 or newer",
  timeout,
};
const checkout = resolve(import.meta.dirname, "../..");

async function startPath(t: TestContext) {
  const tempo = await startTempo(t, { path: TEMPO_BIN, purpose: "development" });
  const collector = await startCollector(t, { path: OTELCOL_BIN, tempo: tempo.otlpGrpc });
  const logFile = join(collector.logDirectory, "miniserve.log");
  const server = await ServerProcess.start({
    receiver: { grpcEndpoint: collector.grpcEndpoint },
    settings: { MINISERVE_LOG_FILE: logFile, MINISERVE_LOG_LEVEL: "debug" },
  });
  t.after(() => server.stop());
  return { tempo, collector, server, logFile };
}

/** Runs a program of the checkout to its end. */
async function run(words: readonly string[], environment: Record<string, string> = {}) {
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [...words], {
    cwd: checkout,
    env: { ...inherited, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const exitCode = await new Promise((settle) => child.once("close", settle));
  return { exitCode, output };
}

test("the full verification, and every dashboard, by way of the Collector", withBoth, async (t) => {
  const { tempo, collector, server, logFile } = await startPath(t);
  const verified = await run([
    "scripts/verify.ts",
    ...["--server", server.url, "--tempo", tempo.url, "--log-file", logFile],
  ]);
  assert.equal(verified.exitCode, 0, verified.output);
  assert.match(verified.output, /Everything is as contracted\./);
  const dashboards = await run(["--test", "tests/dashboards/live.test.ts"], {
    TEMPO_URL: tempo.url,
    TEMPO_OTLP: collector.httpEndpoint,
  });
  assert.equal(dashboards.exitCode, 0, dashboards.output);
  assert.match(dashboards.output, /a real Tempo gives the same panels \(/, dashboards.output);
  assert.doesNotMatch(dashboards.output, /a real Tempo gives the same panels.*# /);
});

test("what a client sent is nowhere on the way", withBoth, async (t) => {
  const { tempo, collector, server } = await startPath(t);
  const places = ["prompt", "user", "model", "header", "stop", "parameter", "message"] as const;
  const secrets = new Map(places.map((place) => [place, createSecret(18)]));
  const secret = (place: (typeof places)[number]) => secrets.get(place) ?? "";
  const body = {
    model: secret("model"),
    prompt: secret("prompt"),
    user: secret("user"),
    stop: [secret("stop")],
    max_tokens: 4,
  };
  const answers = [
    await postJson(`${server.url}/v1/completions`, body),
    await postJson(`${server.url}/v1/completions`, { ...body, [secret("parameter")]: 1 }),
    await postJson(`${server.url}/v1/chat/completions`, {
      messages: [{ role: "user", content: secret("message") }],
      max_tokens: 4,
    }),
  ];
  const headers = { "content-type": "application/json", "user-agent": secret("header") };
  await fetch(`${server.url}/v1/completions?x=${secret("header")}`, {
    method: "POST",
    headers: { ...headers, traceparent: secret("header"), baggage: `a=${secret("header")}` },
    body: JSON.stringify({ prompt: "Once", max_tokens: 1 }),
  });
  const spans: Span[] = [];
  for (const { traceId } of answers) {
    const isComplete = (found: readonly Span[]) =>
      found.length > 0 && validateTrace(miniserve, found).length === 0;
    const found = await waitForTrace(tempo.url, traceId, { limitMs: 20_000, isComplete });
    assert.ok(found.length > 0, traceId);
    spans.push(...found);
  }
  const giveUpAt = performance.now() + 20_000;
  while (!collector.lines().includes("request.finished") && performance.now() < giveUpAt) {
    await delay(100);
  }
  await delay(1_000);
  const records = {
    "the spans": spans.map(formatSpan).join("\n"),
    "the lines for Loki": collector.lines().toString("latin1"),
    "what the Collector wrote": collector.program.output,
    "what Tempo wrote": tempo.program.output,
    "the files of the Collector": filesBelow(collector.logDirectory),
    "the files of Tempo": filesBelow(tempo.directory),
  };
  assert.ok(records["the spans"].includes("tokenize.input"));
  assert.ok(records["the lines for Loki"].includes("request.finished"));
  for (const [place, sent] of secrets) {
    for (const [record, text] of Object.entries(records)) {
      assert.ok(!text.includes(sent), `${record} has the secret of: ${place}`);
    }
  }
});

/** Everything that is stored in a folder, as one text. */
function filesBelow(directory: string): string {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n");
}

test("Tempo answers the health check of its container", {
  skip: TEMPO_BIN === "" && "set TEMPO_BIN to Tempo 3.0.3",
  timeout,
}, async (t) => {
  const tempo = await startTempo(t, { path: TEMPO_BIN, purpose: "production" });
  const [nobody = 0] = await freePorts(1);
  const check = (url: string) =>
    spawnSync(TEMPO_BIN, ["-health", `-health.url=${url}/ready`], { timeout: 20_000 }).status;
  assert.equal(check(tempo.url), 0);
  assert.notEqual(check(`http://127.0.0.1:${nobody}`), 0);
});
