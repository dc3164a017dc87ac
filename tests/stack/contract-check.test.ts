/** `npm run contract:check` over a store with traces of a service that is not this project's. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { KeyValue, Span } from "#contract";
import { miniserve } from "#miniserve";
import { embeddedStore, type Store, send } from "../support/stores.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { checkout as contract } from "../support/traces/checkout.ts";
import {
  completeRequest,
  type RequestOverrides,
  randomHex,
} from "../support/traces/complete-request.ts";
import { checkout, stackUnderTest, until, waitForEnd } from "./stack-under-test.ts";

const timeout = 180_000;
const program = "scripts/contract-check.ts";
const grafana = "https://grafana.example/g";

type Overrides = RequestOverrides<keyof typeof contract.spans>;

/** A request that started so many seconds ago. */
function requestAt(secondsAgo: number, overrides: Overrides = {}): Span[] {
  const startTimeUnixNano = BigInt(Date.now() - secondsAgo * 1000) * 1_000_000n;
  return completeRequest(contract, { with: "all", startTimeUnixNano, ...overrides });
}

function renamed(spans: readonly Span[], from: string, to: string): Span[] {
  const rename = (one: KeyValue) => (one.key === from ? { ...one, key: to } : one);
  return spans.map((span) => ({ ...span, attributes: span.attributes.map(rename) }));
}

const config = join(temporaryDirectory(), "shop.config.mts");
writeFileSync(
  config,
  `import { defineConfig, defineService } from "miniserve/contract";
import { checkout } from ${JSON.stringify(join(checkout, "tests/support/traces/checkout.ts"))};
export default defineConfig({ services: [defineService({ contract: checkout })] });
`,
);

async function setUp(t: TestContext) {
  const store = await embeddedStore(t, contract);
  const stack = await stackUnderTest(t);
  const options = (tempo: string) => ["--config", config, "--tempo", tempo];
  const run = (...given: string[]) => stack.run(program, ...options(store.api), ...given);
  return { store, stack, run, options };
}

/** What another service does under the same trace, and in traces of its own. */
async function sendOthers(store: Store, traceId: string): Promise<void> {
  const startTimeUnixNano = BigInt(Date.now() - 50_000) * 1_000_000n;
  await send(store, completeRequest(miniserve, { traceId, startTimeUnixNano }));
  const others = completeRequest(miniserve, { startTimeUnixNano });
  await send(
    store,
    others.map((span) => ({ ...span, name: "odd" })),
  );
}

test("traces as contracted are good, whosever spans are among them", { timeout }, async (t) => {
  const { store, run } = await setUp(t);
  const traceId = randomHex(16);
  await send(store, [...requestAt(60, { traceId }), ...requestAt(600)]);
  await sendOthers(store, traceId);
  const end = await run();
  assert.equal(end.exitCode, 0, end.stdout + end.stderr);
  assert.equal(
    end.stdout,
    "checkout: 2 traces of the last 1h, 2 requests. All are as contracted.\n",
  );
  const { services } = JSON.parse((await run("--json")).stdout);
  assert.deepEqual([services[0].result, services[0].traces], ["kept", 2]);
});

test("what breaks the contract is named with its share and its newest example", {
  timeout,
}, async (t) => {
  const { store, run } = await setUp(t);
  const [traceId, newest] = [randomHex(16), randomHex(16)];
  await send(store, [...requestAt(60), ...requestAt(90)]);
  for (const [id, secondsAgo] of [
    [traceId, 300],
    [newest, 120],
  ] as const) {
    const spans = renamed(requestAt(secondsAgo, { traceId: id }), "shop.items.in", "shop.items_in");
    await send(
      store,
      spans.filter(({ name }) => name !== "order.place"),
    );
  }
  const end = await run("--grafana", `${grafana}/`);
  assert.equal(end.exitCode, 1, end.stdout + end.stderr);
  const [first, ...lines] = end.stdout.split("\n");
  assert.equal(
    first,
    "checkout: 4 traces of the last 1h, 4 requests. 2 (50 %) break the contract.",
  );
  for (const line of [
    "✗ missing-attribute of cart.load: shop.items.in, in 2 traces (50 %)",
    "✗ missing-span of checkout: order.place, in 2 traces (50 %)",
    "✗ attribute shop.items_in of cart.load is in no contract, in 2 traces (50 %)",
    "    Perhaps it was shop.items.in, which is missing there.",
  ]) {
    assert.ok(lines.includes(line), end.stdout);
  }
  const newestLine = lines.find((line) => line.startsWith("    Newest, 2 min ago: "));
  const link = newestLine?.split(" ").at(-1) ?? "";
  assert.ok(link.startsWith(`${grafana}/explore?`), end.stdout);
  assert.ok(decodeURIComponent(link).includes(`"query":"${newest}"`), link);

  const report = JSON.parse((await run("--json")).stdout).services[0];
  assert.equal(report.result, "broken");
  assert.deepEqual(
    report.newNames.map(({ name, traces, insteadOf }: Record<string, unknown>) => [
      name,
      traces,
      insteadOf,
    ]),
    [["shop.items_in", 2, "shop.items.in"]],
  );
  const sarif = await run("--sarif", "--grafana", grafana);
  assert.equal(sarif.exitCode, 1);
  const [{ results, tool }] = JSON.parse(sarif.stdout).runs;
  assert.equal(results.length, 3);
  for (const { ruleId, ruleIndex, hostedViewerUri, locations } of results) {
    assert.equal(tool.driver.rules[ruleIndex].id, ruleId);
    assert.ok(hostedViewerUri.startsWith(grafana));
    assert.match(locations[0].logicalLocations[0].fullyQualifiedName, /^checkout\//);
  }
});

test("no trace is an answer of its own", { timeout }, async (t) => {
  const { store, run } = await setUp(t);
  const none = await run();
  assert.equal(none.exitCode, 1, none.stdout + none.stderr);
  assert.match(
    none.stdout,
    /^checkout: no trace to judge in the last 1h\.\n.*No service sent any\./,
  );
  await sendOthers(store, randomHex(16));
  await send(store, requestAt(7200));
  const others = await run("--since", "30m");
  assert.equal(others.exitCode, 1);
  assert.match(others.stdout, /in the last 30m\.\n {4}Others sent some: miniserve\.$/m);
  assert.equal(JSON.parse((await run("--json")).stdout).services[0].result, "no_traces");
});

test("a trace that is being written is waited for, and a request that runs is left out", {
  timeout,
}, async (t) => {
  const { store, run } = await setUp(t);
  const spans = requestAt(1);
  await send(store, spans.slice(0, 3));
  const running = requestAt(30).filter(({ parentSpanId }) => parentSpanId !== null);
  await send(store, running);
  const ended = run("--json");
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await send(store, spans.slice(3));
  const { exitCode, stdout, stderr } = await ended;
  assert.equal(exitCode, 0, stdout + stderr);
  const { result, traces, unfinishedTraces } = JSON.parse(stdout).services[0];
  assert.deepEqual([result, traces, unfinishedTraces], ["kept", 1, 1]);
});

test("what dashboards ask for and nobody sends any more is said, and fails if that is wanted", {
  timeout,
}, async (t) => {
  const { store, run } = await setUp(t);
  await send(store, requestAt(7200));
  await send(store, requestAt(60, { with: [] }));
  const end = await run();
  assert.equal(end.exitCode, 0, end.stdout + end.stderr);
  const [, ...lines] = end.stdout.split("\n").filter((line) => line !== "");
  // What a request that was never refused has not, nobody sent before either.
  assert.equal(lines.length, 4, end.stdout);
  for (const [place, name] of [
    [0, "voucher.apply"],
    [2, "payment.attempt"],
  ] as const) {
    assert.equal(lines[place], `! span ${name} is sent by nobody any more, last 2 h ago`);
    assert.match(lines[place + 1] ?? "", /^ {4}Asked for by \d+ panels?/);
  }
  assert.equal((await run("--strict")).exitCode, 1);
  // All of the time that is looked at counts, whatever the sample has.
  const all = await run("--since", "3h", "--sample", "1", "--strict");
  assert.equal(all.exitCode, 0, all.stdout + all.stderr);
});

test("a store that is down, or has a fault, cannot be asked", { timeout }, async (t) => {
  const { stack, options } = await setUp(t);
  const down = await stack.run(program, ...options("http://127.0.0.1:9"));
  assert.equal(down.exitCode, 2, down.stdout);
  assert.match(down.stderr, /\[store_unreachable\]/);
  const faulty = createServer((_, response) => response.writeHead(503).end("starting"));
  await new Promise<void>((listening) => faulty.listen(0, "127.0.0.1", listening));
  t.after(() => faulty.close());
  const { port } = faulty.address() as { port: number };
  const refused = await stack.run(program, ...options(`http://127.0.0.1:${port}`));
  assert.equal(refused.exitCode, 2, refused.stdout);
  assert.doesNotMatch(refused.stderr, /a defect/);
  for (const wrong of [
    ["--since", "yesterday"],
    ["--sample", "0"],
    ["--watch", "--json"],
    ["--every", "5s"],
    ["--service", "nobody"],
  ]) {
    const end = await stack.run(program, ...options("http://127.0.0.1:9"), ...wrong);
    assert.equal(end.exitCode, 2, wrong.join(" "));
    assert.doesNotMatch(end.stderr, /store_unreachable|a defect/, wrong.join(" "));
  }
});

test("a watch prints what changes, and ends with what it saw last", { timeout }, async (t) => {
  const { store, stack, options } = await setUp(t);
  await send(store, requestAt(60));
  const child = stack.start(program, ...options(store.api), "--watch", "--every", "1s");
  let printed = "";
  child.stdout?.on("data", (chunk) => {
    printed += chunk;
  });
  const ended = waitForEnd(child);
  await until("the first look", () => printed.includes("All are as contracted."));
  await send(
    store,
    requestAt(40).filter(({ name }) => name !== "cart.load"),
  );
  await until("the change", () => printed.includes("missing-span of checkout: cart.load"));
  child.kill("SIGINT");
  const { exitCode, stdout, stderr } = await ended;
  assert.equal(exitCode, 1, stdout + stderr);
  assert.equal(stdout.split("missing-span").length, 2, stdout);
  assert.equal(stdout.split("All are as contracted.").length, 2, stdout);
});
