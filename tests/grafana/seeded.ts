/** For tests: a Grafana over a store with planted requests, beside the viewer over the same. */

import { join, resolve } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { getServiceName, type Span } from "#contract";
import { miniserve } from "#miniserve";
import { expectGrafana } from "../../stack/deployment/compose/parts/expected.ts";
import { checkGrafana } from "../../stack/deployment/compose/parts/grafana-report.ts";
import { provision } from "../provisioning/provisioned.ts";
import { createTraceSpans, type SeededRequest } from "../queries/seeded-requests.ts";
import { type SeededViewer, startSeededViewer } from "../viewer/seeded-viewer.ts";
import {
  type GrafanaUnderTest,
  namedGrafana,
  runningGrafana,
  startGrafana,
} from "./grafana-under-test.ts";
import type { Span as TimeSpan } from "./read-charts.ts";

const { LOKI_URL = "", PROMETHEUS_URL = "" } = process.env;
const checkout = resolve(import.meta.dirname, "../..");

/** Where nobody answers: Loki and Prometheus, if none is named. */
const absent = { loki: "http://127.0.0.1:9/loki", prometheus: "http://127.0.0.1:9/prometheus" };

export interface Seeded {
  readonly grafana: GrafanaUnderTest;
  readonly viewer: SeededViewer;
  /** Holds everything that the viewer's store was planted with at first. */
  readonly range: TimeSpan;
  /** The types of the datasources that run. */
  readonly running: ReadonlySet<string>;
}

export async function seeded(t: TestContext): Promise<Seeded> {
  const viewer = await startSeededViewer(t);
  const toMs = Math.ceil(Date.now() / 60_000) * 60_000;
  const addresses = {
    tempo: viewer.tempoUrl,
    loki: LOKI_URL === "" ? absent.loki : LOKI_URL,
    prometheus: PROMETHEUS_URL === "" ? absent.prometheus : PROMETHEUS_URL,
  };
  const running = new Set(["tempo"]);
  if (LOKI_URL === "") {
    t.diagnostic("No panel of Loki is compared: set LOKI_URL to a Loki.");
  } else {
    running.add("loki");
    await pushLines(viewer.lines);
  }
  if (PROMETHEUS_URL === "") {
    t.diagnostic("No panel of Prometheus is looked at: set PROMETHEUS_URL.");
  } else {
    running.add("prometheus");
  }
  return {
    grafana: await grafanaOver(t, addresses),
    viewer,
    range: { fromMs: toMs - 3_600_000, toMs },
    running,
  };
}

/** The one that is named gets everything by its API, one that is started here by its files. */
async function grafanaOver(
  t: TestContext,
  addresses: Parameters<typeof startGrafana>[1]["addresses"],
): Promise<GrafanaUnderTest> {
  if (runningGrafana === "") {
    const started = await startGrafana(t, {
      addresses,
      provisioning: join(checkout, "provisioning", "generated", "grafana"),
    });
    await waitUntilLoaded(started);
    return started;
  }
  const grafana = namedGrafana();
  const { outcome } = await provision(grafana, {
    credential: grafana.credential,
    prune: true,
    choices: {
      tempo: { url: addresses.tempo },
      loki: { url: addresses.loki },
      prometheus: { url: addresses.prometheus },
    },
  });
  if (outcome.failure !== undefined) {
    throw outcome.failure.error;
  }
  return grafana;
}

/** As the Collector sends them: by OTLP, with the ids of their spans. */
async function pushLines(lines: readonly string[]): Promise<void> {
  const logRecords = lines.map((text) => {
    const { time, level, trace_id: traceId, span_id: spanId } = JSON.parse(text);
    const timeUnixNano = String(BigInt(Date.parse(time)) * 1_000_000n);
    return {
      timeUnixNano,
      severityText: level,
      body: { stringValue: text.trim() },
      traceId,
      spanId,
    };
  });
  const service = { key: "service.name", value: { stringValue: getServiceName(miniserve) } };
  const answer = await fetch(`${LOKI_URL}/otlp/v1/logs`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      resourceLogs: [{ resource: { attributes: [service] }, scopeLogs: [{ logRecords }] }],
    }),
  });
  if (!answer.ok) {
    throw new Error(`Loki: ${answer.status} ${await answer.text()}`);
  }
}

const loadingLimitMs = 120_000;

/** It answers before it has read its files. @throws Error with what is missing, and its log. */
async function waitUntilLoaded({ url, output }: GrafanaUnderTest): Promise<void> {
  const giveUpAt = performance.now() + loadingLimitMs;
  for (;;) {
    const { problems } = await checkGrafana(url);
    const missing = problems.filter((problem) => !problem.startsWith("The alert rule"));
    if (missing.length === 0) {
      return;
    }
    if (performance.now() > giveUpAt) {
      throw new Error(`${missing.join("\n")}\n${output()}`);
    }
    await delay(500);
  }
}

/** Complaints of a page without those about what does not run. */
export function withoutAbsent(
  complaints: readonly string[],
  running: ReadonlySet<string>,
): string[] {
  return complaints.filter(
    (complaint) =>
      !(["loki", "prometheus"] as const).some(
        (type) =>
          !running.has(type) &&
          (complaint.includes(`ds_type=${type}`) || complaint.includes(absent[type])),
      ),
  );
}

/** The spans of requests that all began at one time, each in a trace of its own. */
export function spansAt(requests: readonly SeededRequest[], timeMs: number, times = 1): Span[] {
  return Array.from({ length: times }).flatMap(() => createTraceSpans(requests, timeMs));
}

export const expected = expectGrafana();
