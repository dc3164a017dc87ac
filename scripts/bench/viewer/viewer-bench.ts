import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { type BrowserContext, type CDPSession, chromium, type Page } from "playwright-core";
import { childEnvironment } from "../../../stack/config.ts";
import { StackError } from "../../../stack/index.ts";
import { BenchDir, freePorts } from "../bench-dir.ts";
import { type MeasuredPart, measurePart, type PartResult, partLines } from "../bench-run.ts";
import { describeMachine, type Machine, machineLine, requireLinux } from "../machine.ts";
import { cpuTimeUs } from "../running-program.ts";
import { computeSpread, formatCount, formatMs, formatSpread } from "../statistics.ts";
import { startTraceStore, type TraceStore } from "../trace-store.ts";
import { grpcSender, sendAll } from "../traceql/encode-exports.ts";
import { createProgress } from "../traceql/long-work.ts";
import { encodeLoad } from "../traceql/span-load.ts";
import { findChromium, quietChromium } from "./chromium.ts";

interface ViewerBenchReport {
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
  const workplace = new BenchDir(environment);
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
    progress: createProgress(progress, `making ${formatCount(traces)} traces`),
  });
  const sender = grpcSender(store.otlpGrpcPort);
  await sendAll(sender, load, {
    inFlight,
    progress: createProgress(progress, "filling the store"),
  });
  sender.close();
}

async function startViewer(workplace: BenchDir, store: TraceStore): Promise<string> {
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
  if (found === undefined) {
    throw new Error("The viewer has no dashboard.");
  }
  return found.url;
}

function requireChromium(chosen: string | undefined): string {
  const found = findChromium(chosen);
  if (found !== undefined) {
    return found;
  }
  throw new StackError("usage_invalid", {
    message: "There is no Chromium to open pages in.",
    hint: "Install Debian's package chromium, or set CHROMIUM_BIN to one.",
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

const goalBytes = 600_000;

/** The script and the style that every page has, as they are and as gzip would send them. */
async function measureBundle({ address }: ViewerBench): Promise<PartResult> {
  const page = await (await fetch(address)).text();
  const paths = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g)];
  const assets = await Promise.all(
    paths.map(async ([, path = ""]) => {
      const content = Buffer.from(await (await fetch(`${address}${path}`)).arrayBuffer());
      const name = path.slice(path.lastIndexOf("/") + 1);
      return { name, bytes: content.length, gzippedBytes: gzipSync(content).length };
    }),
  );
  const whole = assets.reduce((sum, { gzippedBytes }) => sum + gzippedBytes, 0);
  return {
    columns: ["file", "bytes", "gzipped"],
    rows: assets.map(({ name, bytes, gzippedBytes }) => [
      name,
      formatCount(bytes),
      formatCount(gzippedBytes),
    ]),
    goals: [
      {
        sentence: `less than ${formatCount(goalBytes)} bytes, gzipped (${formatCount(whole)})`,
        isReached: whole < goalBytes && assets.length > 1,
      },
    ],
    values: assets,
  };
}

/** In which a page that has just been drawn tidies up. */
const settleMs = 3_000;
/** Of one CPU: what cannot be told from nothing. */
const goalShare = 0.001;

/** CPU time of the page's own process while nobody touches it, beside that of an empty page. */
async function measureIdlePage(bench: ViewerBench): Promise<PartResult> {
  const { browser, address, dashboard, store, idleSeconds } = bench;
  const session = await browser.browser()?.newBrowserCDPSession();
  if (session === undefined) {
    throw new Error("The browser does not tell of its processes.");
  }
  // As old as the page, so that the browser tidies up in both at the same time.
  const empty = await browser.newPage();
  const atFirst = await readPagesCpu(session);
  const page = await browser.newPage();
  await page.goto(`${address}${dashboard}?refresh=`);
  await complete(page);
  const loaded = await readPagesCpu(session);
  const own = busiest(difference(atFirst, loaded));
  // V8 would do it by itself some time in the next minute.
  await (await browser.newCDPSession(page)).send("HeapProfiler.collectGarbage");
  await delay(settleMs);
  const before = { pages: await readPagesCpu(session), storeUs: cpuTimeUs(store.program.pid) };
  await delay(idleSeconds * 1000);
  const used = difference(before.pages, await readPagesCpu(session));
  const storeCpuMs = (cpuTimeUs(store.program.pid) - before.storeUs) / 1000;
  await Promise.all([page.close(), empty.close()]);
  const cpuMs = (used.get(own) ?? 0) * 1000;
  used.delete(own);
  const emptyCpuMs = Math.max(0, ...used.values()) * 1000;
  const share = Math.max(0, cpuMs - emptyCpuMs) / (idleSeconds * 1000);
  return {
    columns: ["CPU time, ms", "figure"],
    rows: [
      ["the page's process", cpuMs.toFixed(0)],
      ["the process of an empty page", emptyCpuMs.toFixed(0)],
      ["the store, for whatever reason", storeCpuMs.toFixed(0)],
    ],
    goals: [
      {
        sentence: `no more than ${goalShare * 100} % of a CPU above an empty page (${(share * 100).toFixed(3)} %)`,
        isReached: share <= goalShare,
      },
    ],
    values: { idleSeconds, cpuMs, emptyCpuMs, storeCpuMs },
  };
}

/** By process that draws pages. The system counts in hundredths of a second. */
type CpuSeconds = Map<number, number>;

async function readPagesCpu(session: CDPSession): Promise<CpuSeconds> {
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  return new Map(
    processInfo.filter(({ type }) => type === "renderer").map(({ id, cpuTime }) => [id, cpuTime]),
  );
}

function difference(before: CpuSeconds, after: CpuSeconds): CpuSeconds {
  return new Map([...after].map(([id, seconds]) => [id, seconds - (before.get(id) ?? 0)]));
}

/** The process that has used most. */
function busiest(used: CpuSeconds): number {
  return [...used].reduce((most, one) => (one[1] > most[1] ? one : most), [0, -1])[0];
}

const goalMs = 1_500;
/** As many as the page has under way at once. */
const queriesAtOnce = 4;

interface Opening {
  /** From asking for the page until its panels are there, empty. */
  readonly panelsMs: number;
  /** Until every panel in the window has its answer and is drawn. */
  readonly completeMs: number;
  /** The queries of these panels again, without a page: as many at once. */
  readonly queriesMs: number;
  readonly queries: number;
  readonly storeCpuMs: number;
}

/** Opens the dashboard as a newcomer does, with nothing in the browser's cache, over and over. */
async function measureFirstDashboard(bench: ViewerBench): Promise<PartResult> {
  const openings: Opening[] = [];
  // The first warms the store and the machine up, and is no figure.
  for (let index = -1; index < bench.openings; index++) {
    const opening = await open(bench);
    bench.progress(
      `opened: complete after ${formatMs(opening.completeMs)} ms, its queries alone ${formatMs(opening.queriesMs)} ms`,
    );
    if (index >= 0) {
      openings.push(opening);
    }
  }
  const spread = (key: keyof Opening) => computeSpread(openings.map((opening) => opening[key]));
  const complete = spread("completeMs");
  const text = (key: keyof Opening) => formatSpread(spread(key), 0);
  return {
    columns: ["from asking for the page", "median (least to most)"],
    rows: [
      ["panels there, still empty, ms", text("panelsMs")],
      ["all panels in the window complete, ms", text("completeMs")],
      ["their queries alone, ms", text("queriesMs")],
      ["queries", text("queries")],
      ["CPU time of the store, ms", text("storeCpuMs")],
    ],
    goals: [
      {
        sentence: `the first dashboard complete within ${goalMs} ms (${formatMs(complete.median)})`,
        isReached: complete.median <= goalMs,
      },
    ],
    values: openings,
  };
}

async function open({ browser, address, dashboard, store }: ViewerBench): Promise<Opening> {
  const page = await browser.newPage();
  const session = await browser.newCDPSession(page);
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/api/datasources/proxy/")) {
      asked.push(request.url());
    }
  });
  const cpuBeforeUs = cpuTimeUs(store.program.pid);
  const startedAt = performance.now();
  await page.goto(`${address}${dashboard}?refresh=`, { waitUntil: "commit" });
  await page.locator(".panel").first().waitFor();
  const panelsMs = performance.now() - startedAt;
  await complete(page);
  const completeMs = performance.now() - startedAt;
  const storeCpuMs = (cpuTimeUs(store.program.pid) - cpuBeforeUs) / 1000;
  await page.close();
  const queriesMs = await measureTime(asked);
  return { panelsMs, completeMs, queriesMs, queries: asked.length, storeCpuMs };
}

/** Until no panel in the window waits for an answer, and what they show is drawn. */
async function complete(page: Page): Promise<void> {
  await page.locator('.panel[data-state="ready"]').first().waitFor();
  await page.locator('.panel[aria-busy="true"]').first().waitFor({ state: "detached" });
  await page.evaluate(
    "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))",
  );
}

/** How long addresses take that are asked as a page asks them, in milliseconds. */
async function measureTime(addresses: readonly string[]): Promise<number> {
  const waiting = [...addresses];
  const startedAt = performance.now();
  const askOnAndOn = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const answer = await fetch(next);
      if (!answer.ok) {
        throw new Error(`${next} was refused: ${await answer.text()}`);
      }
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: queriesAtOnce }, askOnAndOn));
  return performance.now() - startedAt;
}

interface ViewerBenchOptions {
  /** In the store; all of them began in the hour that the dashboard shows. */
  readonly traces: number;
  /** How often the dashboard is opened. */
  readonly openings: number;
  readonly idleSeconds: number;
  readonly progress: (sentence: string) => void;
}

/** What the parts share. */
interface ViewerBench extends ViewerBenchOptions {
  readonly workplace: BenchDir;
  readonly store: TraceStore;
  /** Of the viewer, without a slash at its end. */
  readonly address: string;
  /** The first dashboard's path. */
  readonly dashboard: string;
  readonly browser: BrowserContext;
}
