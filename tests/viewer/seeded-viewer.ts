import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { emptyScope, type Span, writeResourceSpans } from "#contract";
import { miniserve } from "#miniserve";
import { startEmbeddedStack } from "../../stack/trace-store/index.ts";
import { startViewer } from "../../stack/viewer/index.ts";
import {
  createTraceSpans,
  plants,
  type SeededRequest,
  wantedRequestId,
} from "../queries/seeded-requests.ts";
import { randomHex } from "../support/traces/complete-request.ts";
import type { Ending } from "./chromium.ts";

/** For tests: a viewer over a store with planted requests. */

const checkout = resolve(import.meta.dirname, "..", "..");

export interface SeededViewer {
  readonly address: string;
  /** A trace that has every span, with log lines. */
  readonly traceId: string;
  readonly requestId: string;
  /** The lines of its log, JSON each. */
  readonly lines: readonly string[];
  /** The Tempo API of its store. */
  readonly tempoUrl: string;
  readonly plant: (request: SeededRequest, traceId?: string) => Promise<void>;
  /** Stores spans of anybody's. */
  readonly send: (spans: readonly Span[]) => Promise<void>;
  /** Adds lines to the server's log. */
  readonly log: (lines: readonly object[]) => void;
}

/** @param dashboards a folder with other dashboards than the project's. */
export async function startSeededViewer(t: Ending, dashboards?: string): Promise<SeededViewer> {
  const folder = mkdtempSync(join(tmpdir(), "miniserve-viewer-"));
  const stack = await startEmbeddedStack([miniserve], {
    dataDirectory: join(folder, "data"),
    ports: { tempo: 0, otlpGrpc: 0, otlpHttp: 0 },
    hosts: ["127.0.0.1"],
  });
  const logFile = join(folder, "miniserve.log");
  const viewer = await startViewer({
    configuration: resolve("miniserve.config.ts"),
    hosts: ["127.0.0.1"],
    port: 0,
    tempoUrl: `http://127.0.0.1:${stack.ports.tempo}`,
    serverUrl: null,
    logFile,
    checkout,
    provisioningFolder: join(checkout, "provisioning", "generated", "grafana"),
    dashboardsFolder: dashboards ?? join(checkout, "dashboards", "generated"),
  });
  t.after(async () => {
    await viewer.close();
    await stack.close();
    rmSync(folder, { recursive: true });
  });
  const send = async (spans: readonly Span[]) => {
    const answer = await fetch(`http://127.0.0.1:${stack.ports.otlpHttp}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ resourceSpans: writeResourceSpans(spans, "otlp") }),
    });
    if (!answer.ok) {
      throw new Error(await answer.text());
    }
  };
  const plant = (request: SeededRequest, traceId = randomHex(16)) =>
    send(createTraceSpans([request], Date.now() - 60_000, { traceId }));
  const traceId = randomHex(16);
  await send(
    Object.values(plants).flatMap(({ requests }, index) =>
      createTraceSpans(requests, Date.now() - 120_000 - index * 45_000),
    ),
  );
  const root = { milliseconds: 200, values: { timeToFirstTokenUs: 40_000 } };
  const everySpan: SeededRequest = { with: "all", spans: { handler: root } };
  // Of no tracer, so that each span breaks one rule.
  const spans = createTraceSpans([everySpan], Date.now() - 60_000, { traceId });
  await send(spans.map((span) => ({ ...span, scope: emptyScope })));
  const lines = logLines(traceId);
  writeFileSync(logFile, lines.join(""));
  return {
    address: `http://127.0.0.1:${viewer.port}`,
    traceId,
    requestId: wantedRequestId,
    lines,
    tempoUrl: `http://127.0.0.1:${stack.ports.tempo}`,
    plant,
    send,
    log: (lines) =>
      appendFileSync(logFile, lines.map((line) => `${JSON.stringify(line)}\n`).join("")),
  };
}

function logLines(traceId: string): string[] {
  return ["first", "second"].map((event, index) => {
    const time = new Date(Date.now() - 60_000 + index).toISOString();
    const line = { time, level: "info", event, trace_id: traceId, span_id: randomHex(8), count: 1 };
    return `${JSON.stringify(line)}\n`;
  });
}
