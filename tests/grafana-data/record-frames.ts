/**
 * By hand: records the frames that a real Grafana's Tempo datasource makes of answers, and the answers.
 *
 *   GRAFANA_URL=http://127.0.0.1:3000 GRAFANA_TOKEN=admin:admin OTLP_HTTP_URL=http://127.0.0.1:4318 \
 *     npm run record:frames
 *
 * That Grafana has the project's datasources; behind its Tempo is a store that takes spans at OTLP_HTTP_URL.
 * It gets a dashboard for as long as this runs, since a datasource's front end makes frames too.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { datasourceUids, writeResourceSpans } from "#contract";
import { miniserve } from "#miniserve";
import { type CommandResult, runCommand } from "../../stack/index.ts";
import { createTargetRequest } from "../../stack/viewer/data/target-request.ts";
import type { TimeRange } from "../../stack/viewer/data/time-range.ts";
import type { SeededRequest } from "../queries/seeded-requests.ts";
import { completeRequest, randomHex } from "../support/traces/complete-request.ts";
import { openBrowser } from "../viewer/chromium.ts";
import { type RecordedTarget, recordedTargets } from "./recorded-shapes.ts";

const {
  GRAFANA_URL = "http://127.0.0.1:3000",
  GRAFANA_TOKEN = "admin:admin",
  OTLP_HTTP_URL = "http://127.0.0.1:4318",
} = process.env;
const uid = "recorded-frames";
const datasource = { type: "tempo", uid: datasourceUids.tempo };
const authorization = GRAFANA_TOKEN.includes(":")
  ? `Basic ${Buffer.from(GRAFANA_TOKEN).toString("base64")}`
  : `Bearer ${GRAFANA_TOKEN}`;

/** Of nobody else, so that nothing else in the store is recorded. */
const service = `recorded-${randomHex(2)}`;
const targets = recordedTargets(service);

/** Two requests that differ in every type of value, one of them with zeros, false and no end. */
const requests: readonly SeededRequest[] = [
  {},
  {
    spans: {
      handler: { values: { streamed: false, statusCode: 503, slotWaitUs: 0 }, status: "error" },
      decode: { values: { tokensOut: 0, meanStepMs: 0.5 } },
    },
    without: ["format"],
  },
];

/** Runs in the page: the frames that each panel's queries gave, before anything is done to them. */
const readFrames = `(() => {
  const found = {};
  const read = (frame) => ({
    name: frame.name,
    fields: frame.fields.map(({ name, type, labels, config, values }) =>
      ({ name, type, labels, config, values: Array.from(values) })),
  });
  const visit = (scene) => {
    const { pluginId, title, $data } = scene.state;
    const queries = $data?.state.$data ?? $data;
    if (pluginId !== undefined && queries?.state.data?.state === "Done") {
      found[title] = queries.state.data.series.map(read);
    }
    scene.forEachChild(visit);
  };
  if (globalThis.__grafanaSceneContext) visit(globalThis.__grafanaSceneContext);
  return found;
})()`;

const minuteMs = 60_000;
const now = Date.now();
const range: TimeRange = {
  fromMs: Math.floor(now / minuteMs) * minuteMs - 4 * minuteMs,
  toMs: Math.floor(now / minuteMs) * minuteMs,
};

await runCommand({
  name: "npm run record:frames",
  summary:
    "Records the frames that a real Grafana makes of a store's answers, for the tests. Set GRAFANA_URL,\nGRAFANA_TOKEN and OTLP_HTTP_URL; the top of this file says how.",
  options: {},
  json: false,
  examples: [["npm run record:frames", "into the files of the tests"]],
  exitCodes: ["The frames were written.", "Never.", "Grafana or the store does not answer."],
  run: record,
});

async function record(): Promise<CommandResult> {
  await plant();
  const panels = [...targets].map(([title, target], index) => ({
    id: index + 1,
    title,
    type: target.metricsQueryType === "range" ? "timeseries" : "table",
    datasource,
    targets: [{ ...target, datasource }],
    gridPos: { x: (index % 4) * 6, y: Math.floor(index / 4) * 5, w: 6, h: 5 },
  }));
  await ask("/api/dashboards/db", {
    dashboard: { uid, title: "Recorded frames", schemaVersion: 42, panels },
    overwrite: true,
  });
  try {
    const frames = await framesByTitle();
    const recorded = [];
    for (const [shape, target] of targets) {
      recorded.push({
        shape,
        target,
        toMs: range.toMs,
        answer: await fetchAnswer(target),
        frames: frames[shape],
      });
    }
    const file = join(import.meta.dirname, "recorded-frames.json");
    const lines = recorded.map((one) => JSON.stringify(one)).join(",\n");
    writeFileSync(file, `{"grafana":"${await readVersion()}","recorded":[\n${lines}\n]}\n`);
  } finally {
    await ask(`/api/dashboards/uid/${uid}`, undefined, "DELETE");
  }
  return { exitCode: 0 };
}

async function plant(): Promise<void> {
  const spans = requests.flatMap((request, index) =>
    completeRequest(miniserve, {
      ...request,
      service,
      startTimeUnixNano: BigInt(range.toMs - (1 + index) * minuteMs) * 1_000_000n + 123_456n,
      traceId: `${"0".repeat(index)}${randomHex(16)}`.slice(0, 32),
    }),
  );
  const answer = await fetch(`${OTLP_HTTP_URL}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ resourceSpans: writeResourceSpans(spans, "otlp") }),
  });
  if (!answer.ok) {
    throw new Error(`${OTLP_HTTP_URL}: ${await answer.text()}`);
  }
}

async function ask(path: string, body?: unknown, method = "POST"): Promise<unknown> {
  const answer = await fetch(`${GRAFANA_URL}${path}`, {
    method,
    headers: { authorization, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) {
    throw new Error(`${GRAFANA_URL}${path}: ${await answer.text()}`);
  }
  return answer.json();
}

async function readVersion(): Promise<string> {
  return ((await ask("/api/health", undefined, "GET")) as { version: string }).version;
}

/** What the datasource was told: by the way through Grafana, so that it is the same store. */
function fetchAnswer(target: RecordedTarget): Promise<unknown> {
  const path = createTargetRequest(target, target.query, range)?.path ?? "";
  return ask(`/api/datasources/proxy/uid/${datasource.uid}${path}`, undefined, "GET");
}

async function framesByTitle(): Promise<Record<string, unknown>> {
  const endings: (() => unknown)[] = [];
  const browser = await openBrowser({ after: (ending) => endings.push(ending as () => unknown) });
  try {
    const page = await browser.newPage();
    await page.setExtraHTTPHeaders({ authorization });
    await page.setViewportSize({ width: 1600, height: 4000 });
    await page.goto(`${GRAFANA_URL}/d/${uid}?from=${range.fromMs}&to=${range.toMs}&kiosk`);
    await page.waitForFunction(`Object.keys(${readFrames}).length === ${targets.size}`);
    return await page.evaluate<Record<string, unknown>>(readFrames);
  } finally {
    for (const end of endings) {
      await end();
    }
  }
}
