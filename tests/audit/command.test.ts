/** `npm run dashboards:audit` as a person calls it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { stringify } from "yaml";
import { miniserve } from "#miniserve";
import { credentials, startFakeGrafana } from "../support/fake-grafana/fake-grafana.ts";
import { embeddedStore, send } from "../support/stores.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { completeRequest } from "../support/traces/complete-request.ts";
import { startPrometheus } from "./prometheus-double.ts";
import { type Asked, classicBoard } from "./shop.ts";

const timeout = 120_000;
const checkout = resolve(import.meta.dirname, "../..");

async function run(...options: readonly string[]) {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "scripts/dashboards-audit.ts", ...options],
    {
      cwd: checkout,
      env: { ...process.env, MY_GRAFANA: credentials.token, NO_COLOR: "1" },
    },
  );
  const ended = new Promise<number | null>((settle) => child.once("close", settle));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { exitCode: await ended, stdout, stderr };
}

/** A folder with a board of these panels. */
function boardFile(asked: readonly Asked[]): string {
  const folder = temporaryDirectory();
  const file = join(folder, "board.json");
  writeFileSync(file, JSON.stringify(classicBoard(asked), null, 2));
  return file;
}

interface Panel {
  readonly panel: string;
  readonly state: string;
  readonly why?: string;
}

function states(stdout: string): Record<string, string> {
  const { panels } = JSON.parse(stdout) as { panels: Panel[] };
  return Object.fromEntries(panels.map(({ panel, state }) => [panel, state]));
}

const configurations = [
  "miniserve.config.ts",
  ...globSync("examples/*/miniserve.config.ts", { cwd: checkout }),
];

for (const config of configurations) {
  test(`no panel and no rule of ${config} is dead`, { timeout }, async () => {
    const folder = dirname(config);
    const files = ["dashboards", "provisioning"].map((part) => join(folder, part, "generated"));
    const { exitCode, stdout, stderr } = await run("--config", config, "--json", ...files);
    assert.equal(exitCode, 0, stderr);
    const { counts, panels } = JSON.parse(stdout);
    assert.deepEqual([counts.dead, counts.unreadable], [0, 0]);
    assert.ok(counts.declared > 20, JSON.stringify(counts));
    const reasons = panels.map(({ state, why }: Panel) => (state === "not judged" ? why : ""));
    for (const reason of reasons) {
      assert.match(
        reason,
        /^$|^a panel of the kind (row|text)$|^it asks for one trace by its id$|of the kind loki$|^nothing says which metrics/,
      );
    }
  });
}

test("a dead panel is named, with its file, line and the nearest name", { timeout }, async () => {
  const file = boardFile([
    { title: "well", query: "{ span.llm.tokens.out > 1 }" },
    { title: "evil \u001b[31m", query: "{ span.llm.token.out > 1 }" },
  ]);
  const shown = await run(file);
  assert.equal(shown.exitCode, 1);
  assert.match(
    shown.stdout,
    /^ {2}dead {3}evil \\u001b\[31m {2}attribute span\.llm\.token\.out {2}span\.llm\.tokens\.out$/m,
  );
  assert.match(
    shown.stdout,
    /2 panels, variables and rules on 1 board, compared with the contract of miniserve: 1 dead, 1 declared\./,
  );
  const { panels } = JSON.parse((await run(file, "--json")).stdout);
  const [
    ,
    {
      queries: [query],
    },
  ] = panels;
  const lines = readFileSync(file, "utf8").split("\n");
  assert.ok(
    lines[query.line - 1]?.slice(query.column - 1).startsWith('"{ span.llm.token.out > 1 }"'),
  );
  assert.deepEqual(query.faults, [
    { kind: "attribute", name: "span.llm.token.out", nearest: "span.llm.tokens.out" },
  ]);
});

test("SARIF points at the name in the file", { timeout }, async () => {
  const file = boardFile([
    { title: "dead", query: '{ name = "x" && span.llm.token.out > 1 }' },
    { title: "unreadable", query: "sum(", by: "prometheus" },
    { title: "well", query: "{ }" },
  ]);
  const { exitCode, stdout } = await run(file, "--sarif");
  assert.equal(exitCode, 1);
  const { version, runs } = JSON.parse(stdout);
  assert.equal(version, "2.1.0");
  const lines = readFileSync(file, "utf8").split("\n");
  const found = runs[0].results.map(
    ({ ruleId, level, ruleIndex, locations: [location] }: Result) => {
      const { region } = location.physicalLocation;
      assert.equal(runs[0].tool.driver.rules[ruleIndex].id, ruleId);
      assert.equal(region.startLine, region.endLine);
      const where = lines[region.startLine - 1]?.slice(
        region.startColumn - 1,
        region.endColumn - 1,
      );
      return [ruleId, level, where];
    },
  );
  assert.deepEqual(found, [
    ["dead-name", "error", "name"],
    ["dead-name", "error", "span.llm.token.out"],
    ["unreadable-query", "warning", "("],
  ]);
});

interface Region {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly locations: readonly [{ readonly physicalLocation: { readonly region: Region } }];
}

test("a store says what is alive and what is empty now", { timeout }, async (t) => {
  const store = await embeddedStore(t);
  const spans = completeRequest(miniserve, {
    startTimeUnixNano: BigInt(Date.now() - 60_000) * 1_000_000n,
  });
  const [root] = spans;
  assert.ok(root);
  const attributes = [
    ...root.attributes.map(({ key, value }) => ({
      key: key === "http.status_code" ? "http.response.status_code" : key,
      value,
    })),
    { key: "team.name", value: { type: "string" as const, value: "a" } },
  ];
  await send(store, [{ ...root, attributes }, ...spans.slice(1)]);
  const file = boardFile([
    { title: "alive", query: '{ span.llm.tokens.out >= 0 && span.llm.model =~ "$model" }' },
    { title: "measured", query: '{ name = "llm.decode" } | rate()' },
    { title: "only the store has it", query: '{ span.team.name = "a" }' },
    { title: "empty", query: "{ span.llm.tokens.out > 1000000 }" },
    { title: "nothing measured", query: "{ span.llm.tokens.out > 1000000 } | count_over_time()" },
    { title: "sent otherwise now", query: "{ span.http.status_code >= 500 }" },
    { title: "dead", query: '{ span.team.title = "a" }' },
    { title: "no such span", query: '{ name = "llm.decoded" }' },
  ]);
  const { exitCode, stdout, stderr } = await run(file, "--tempo", store.api, "--json");
  assert.equal(exitCode, 1, stderr);
  assert.deepEqual(states(stdout), {
    alive: "alive",
    measured: "alive",
    "only the store has it": "alive",
    empty: "empty now",
    "nothing measured": "empty now",
    "sent otherwise now": "empty now",
    dead: "dead",
    "no such span": "dead",
  });
  const { panels } = JSON.parse(stdout) as { panels: (Panel & { readonly missing: object[] })[] };
  assert.deepEqual(panels.find(({ panel }) => panel === "sent otherwise now")?.missing, [
    { name: "attribute span.http.status_code", nearest: "span.http.response.status_code" },
  ]);
});

test("a Prometheus says which metrics, labels and values there are", { timeout }, async (t) => {
  const prometheus = await startPrometheus(t, [
    { __name__: "shop_total", service: "DSP_svc_api", job: "a" },
    { __name__: "other_total", job: "a" },
  ]);
  const asked = (title: string, query: string): Asked => ({ title, query, by: "prometheus" });
  const file = boardFile([
    asked("alive", 'sum by (service) (rate(shop_total{service="$service"}[$__rate_interval]))'),
    asked("no such metric", "shops_total"),
    asked("no such label", 'shop_total{namespace="x"}'),
    asked("a label that may lack", 'shop_total{namespace=~".*"}'),
    asked("no such value", 'shop_total{service="api"} > 0'),
    asked("declared by the contract", "gen_ai_server_request_duration_seconds_count"),
  ]);
  const { exitCode, stdout, stderr } = await run(file, "--prometheus", prometheus, "--json");
  assert.equal(exitCode, 1, stderr);
  const longer = await run(file, "--tempo", `${prometheus}/no-tempo`);
  assert.equal(longer.exitCode, 2);
  assert.match(longer.stderr, /Tempo at .* it does not list its names/);
  assert.deepEqual(states(stdout), {
    alive: "alive",
    "no such metric": "dead",
    "no such label": "dead",
    "a label that may lack": "alive",
    "no such value": "empty now",
    "declared by the contract": "empty now",
  });
  assert.match(stdout, /"why": "service is never \\"api\\", but \\"DSP_svc_api\\""/);
});

test("a Grafana is read whole: dashboards, library panels and rules", { timeout }, async (t) => {
  const grafana = await startFakeGrafana(t);
  const { content } = grafana;
  content.datasources.set("x", { uid: "x", name: "X", type: "tempo", isDefault: true });
  const dead = classicBoard([{ title: "dead", query: "{ span.llm.token.out > 1 }" }]);
  const bare = {
    ...dead.panels[0],
    title: "by uid",
    datasource: { uid: "x" },
    targets: [{ refId: "A", query: "{ span.llm.token.in > 1 }", queryType: "" }],
  };
  const byDefault = { ...bare, title: "by default", datasource: null };
  const uses = { type: "x", title: "used", libraryPanel: { uid: "lib" } };
  const panels = [...dead.panels, bare, byDefault, uses];
  content.dashboards.set("shop", {
    dashboard: { ...dead, panels, tags: [], version: 1 },
    folderUid: "",
    provisioned: false,
    messages: [],
  });
  const data = [
    {
      refId: "A",
      datasourceUid: "x",
      model: { queryType: "traceql", query: '{ name = "llm.decoded" }' },
    },
  ];
  content.rules.set("r", { uid: "r", title: "a rule", data });
  content.libraryPanels.set("lib", { ...dead.panels[0], title: "from the library" });
  const access = ["--grafana", grafana.url, "--token-env", "MY_GRAFANA"];
  const { exitCode, stdout, stderr } = await run(...access, "--json");
  assert.equal(exitCode, 1, stderr);
  assert.deepEqual(states(stdout), {
    dead: "dead",
    "by uid": "dead",
    "by default": "dead",
    used: "dead",
    "a rule": "dead",
  });
  assert.deepEqual(grafana.changes(), []);
  const { panels: reported } = JSON.parse(stdout);
  assert.match(reported[0].place, new RegExp(`^${grafana.url}/`));
  const fixed = await run(...access, "--fix");
  assert.equal(fixed.exitCode, 2);
  assert.match(fixed.stderr, /--fix changes files, never a Grafana\. \[usage_invalid\]/);
});

test("--fix rewrites what the contract renamed, in files and folders", { timeout }, async () => {
  const folder = temporaryDirectory();
  const contract = join(checkout, "tests/audit/shop.ts");
  const config = join(folder, "miniserve.config.ts");
  writeFileSync(
    config,
    `import { defineConfig, defineService } from "miniserve/contract";\nimport { shop } from ${JSON.stringify(contract)};\nexport default defineConfig({ services: [defineService({ contract: shop })] });\n`,
  );
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const boards = join(folder, "boards");
  mkdirSync(boards);
  const board = classicBoard([
    { title: "sold", query: '{ name = "buy" && span.shop.items > 1 }' },
    { title: "deprecated", query: '{ span.shop.cashier = "a" }' },
  ]);
  writeFileSync(join(boards, "board.json"), JSON.stringify(board, null, 2));
  writeFileSync(
    join(boards, "rules.yaml"),
    stringify({
      groups: [{ rules: [{ alert: "slow", expr: "rate(shop_took_seconds_sum[5m]) > 1" }] }],
    }),
  );
  writeFileSync(join(boards, "package.json"), JSON.stringify({ name: "no-dashboard" }));
  writeFileSync(join(boards, "broken.json"), "{");
  const rules = readFileSync(join(boards, "rules.yaml"), "utf8");
  writeFileSync(join(boards, "marked.yaml"), `\uFEFF${rules}`);
  const notUtf8 = Buffer.from(`# caf\xe9\n${rules}`, "latin1");
  writeFileSync(join(boards, "latin.yaml"), notUtf8);
  const before = await run(boards, "--config", config);
  assert.equal(before.exitCode, 1, before.stderr);
  assert.match(before.stdout, /not read {2}.*latin\.yaml: not UTF-8/);
  assert.match(
    before.stdout,
    /declared +deprecated +attribute span\.shop\.cashier is renamed +span\.shop\.till\.name$/m,
  );
  assert.match(before.stdout, /not read {2}.*broken\.json: not JSON/);
  const fixed = await run(boards, "--config", config, "--fix");
  assert.equal(fixed.exitCode, 0, fixed.stdout + fixed.stderr);
  assert.match(fixed.stdout, /sold: span\.shop\.items → span\.shop\.items\.count/);
  assert.equal(
    readFileSync(join(boards, "board.json"), "utf8"),
    JSON.stringify(board, null, 2)
      .replace('\\"buy\\"', '\\"checkout\\"')
      .replace("shop.items >", "shop.items.count >")
      .replace("shop.cashier", "shop.till.name"),
  );
  assert.equal(
    readFileSync(join(boards, "marked.yaml"), "utf8"),
    `\uFEFF${readFileSync(join(boards, "rules.yaml"), "utf8")}`,
  );
  assert.deepEqual(readFileSync(join(boards, "latin.yaml")), notUtf8);
  assert.match(
    readFileSync(join(boards, "rules.yaml"), "utf8"),
    /rate\(shop_checkout_duration_seconds_sum\[5m\]\) > 1/,
  );
});

test("what cannot be audited ends with 2", { timeout }, async () => {
  const file = boardFile([]);
  for (const [wrong, said] of [
    [[], /It is not said what to audit\. \[usage_invalid\]/],
    [
      [file, "--grafana", "http://127.0.0.1:9"],
      /Files and a Grafana are given\. \[usage_invalid\]/,
    ],
    [["no-such-file.json"], /no-such-file\.json cannot be read \(ENOENT\)\. \[file_unreadable\]/],
    [[file, "--since", "long"], /--since long is no duration\. \[usage_invalid\]/],
    [[file, "--tempo", "x"], /--tempo is no URL\. \[usage_invalid\]/],
    [
      [file, "--prometheus", "http://127.0.0.1:2"],
      /Prometheus at http:\/\/127\.0\.0\.1:2 cannot be asked: ECONNREFUSED\. \[source_unreachable\]/,
    ],
    [
      [file, "--metrics", "nowhere.txt"],
      /nowhere\.txt cannot be read \(ENOENT\)\. \[file_unreadable\]/,
    ],
  ] as const) {
    const { exitCode, stderr } = await run(...wrong);
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, said);
  }
});
