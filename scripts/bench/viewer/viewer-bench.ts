import { chromium } from "playwright-core";
import { childEnvironment } from "../../../stack/config.ts";
import { StackError } from "../../../stack/index.ts";
import { formatCount } from "../format-figures.ts";
import { describeMachine, type Machine, machineLine, requireLinux } from "../machine.ts";
import { type MeasuredPart, measurePart, partLines } from "../measured-part.ts";
import { startTraceStore, type TraceStore } from "../trace-store.ts";
import { grpcSender, sendAll } from "../traceql/export-senders.ts";
import { progressOf } from "../traceql/long-work.ts";
import { encodeLoad } from "../traceql/span-load.ts";
import { freePorts, Workplace } from "../workplace.ts";
import { measureBundle } from "./bundle-size.ts";
import { findChromium, quietChromium } from "./chromium.ts";
import { measureFirstDashboard } from "./first-dashboard.ts";
import { measureIdlePage } from "./idle-page.ts";
import type { ViewerBench, ViewerBenchOptions } from "./viewer-run.ts";

export interface ViewerBenchReport {
  readonly machine: Machine;
  readonly chromium: string;
  readonly traces: number;
  readonly durationMs: number;
  readonly parts: readonly MeasuredPart[];
}

/** Of a trace, on average: 5, and 9 of the 45 in a hundred with retrieval. */
const spansPerTrace = 6.8;
const inFlight = 8;

/** Measures the embedded viewer in a Chromium, on a store of its own that ends with it. */
export async function measureViewer(options: ViewerBenchOptions): Promise<ViewerBenchReport> {
  requireLinux();
  const startedAt = performance.now();
  const machine = describeMachine();
  const environment = childEnvironment();
  const executablePath = requireChromium(environment.CHROMIUM_BIN);
  const workplace = new Workplace(environment);
  try {
    const store = await startTraceStore(workplace);
    await fill(store, options);
    const address = await startViewer(workplace, store);
    const browser = await chromium.launchPersistentContext(workplace.path("profile"), {
      executablePath,
      headless: true,
      args: [...quietChromium],
      viewport: { width: 1440, height: 900 },
    });
    try {
      const dashboard = await firstDashboard(address);
      const bench: ViewerBench = { ...options, workplace, store, address, dashboard, browser };
      const parts = await measureParts(bench);
      const version = browser.browser()?.version() ?? "unknown";
      const durationMs = performance.now() - startedAt;
      return { machine, chromium: version, traces: options.traces, durationMs, parts };
    } finally {
      await browser.close();
    }
  } finally {
    workplace.close();
  }
}

async function measureParts(bench: ViewerBench): Promise<MeasuredPart[]> {
  const { workplace, traces, idleSeconds } = bench;
  return [
    await measurePart(
      workplace,
      "first-dashboard",
      `First dashboard, ${formatCount(traces)} traces in its hour`,
      () => measureFirstDashboard(bench),
    ),
    await measurePart(workplace, "bundle", "What a page loads", () => measureBundle(bench)),
    await measurePart(workplace, "idle", `A page that is only looked at, ${idleSeconds} s`, () =>
      measureIdlePage(bench),
    ),
  ];
}

async function fill(store: TraceStore, { traces, progress }: ViewerBenchOptions): Promise<void> {
  const toNs = BigInt(Date.now()) * 1_000_000n;
  const load = await encodeLoad({
    spans: Math.round(traces * spansPerTrace),
    // A minute later than the hour begins, for the time until the last opening.
    fromNs: toNs - 3_000_000_000_000n,
    toNs,
    number: 0,
    progress: progressOf(progress, `making ${formatCount(traces)} traces`),
  });
  const sender = grpcSender(store.otlpGrpcPort);
  await sendAll(sender, load, { inFlight, progress: progressOf(progress, "filling the store") });
  sender.close();
}

async function startViewer(workplace: Workplace, store: TraceStore): Promise<string> {
  const [port = 0, server, otlpHttp] = await freePorts(3);
  const program = workplace.start({
    name: "viewer",
    file: "stack/viewer/main.ts",
    environment: {
      STACK_DIR: workplace.path("stack"),
      GRAFANA_PORT: String(port),
      TEMPO_PORT: new URL(store.url).port,
      // It listens on none of them, but wants every port of the stack to be another.
      MINISERVE_PORT: String(server),
      OTLP_GRPC_PORT: String(store.otlpGrpcPort),
      OTLP_HTTP_PORT: String(otlpHttp),
      MINISERVE_LOG_FILE: "",
    },
  });
  const address = `http://127.0.0.1:${port}`;
  await program.ready(`${address}/api/health`);
  return address;
}

async function firstDashboard(address: string): Promise<string> {
  const answer = await fetch(`${address}/api/viewer/provisioned`);
  const { dashboards } = (await answer.json()) as { dashboards: { uid: string; url: string }[] };
  const found = dashboards.find(({ uid }) => uid.endsWith("-overview")) ?? dashboards[0];
  if (found === undefined) throw new Error("The viewer has no dashboard.");
  return found.url;
}

function requireChromium(chosen: string | undefined): string {
  const found = findChromium(chosen);
  if (found !== undefined) return found;
  throw new StackError({
    code: "usage_invalid",
    seen: "There is no Chromium to open pages in.",
    action: "Install Debian's package chromium, or set CHROMIUM_BIN to one.",
    exitCode: 2,
  });
}

/** The tables and goals, in lines of Markdown. */
export function describeViewerReport(report: ViewerBenchReport): string[] {
  const { machine, chromium: version, durationMs, parts } = report;
  return [
    "",
    machineLine(machine),
    `Chromium ${version}, a window of 1440 by 900; measured in ${(durationMs / 60_000).toFixed(1)} minutes.`,
    ...partLines(parts),
  ];
}
