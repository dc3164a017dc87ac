import type { Page } from "playwright-core";
import type { PartResult } from "../bench-run.ts";
import { formatMs, formatSpread } from "../format-figures.ts";
import { cpuTimeUs } from "../process-usage.ts";
import { spreadOf } from "../statistics.ts";
import type { ViewerBench } from "./viewer-run.ts";

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
export async function measureFirstDashboard(bench: ViewerBench): Promise<PartResult> {
  const openings: Opening[] = [];
  // The first warms the store and the machine up, and is no figure.
  for (let index = -1; index < bench.openings; index++) {
    const opening = await open(bench);
    bench.progress(
      `opened: complete after ${formatMs(opening.completeMs)} ms, its queries alone ${formatMs(opening.queriesMs)} ms`,
    );
    if (index >= 0) openings.push(opening);
  }
  const spread = (key: keyof Opening) => spreadOf(openings.map((opening) => opening[key]));
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
    if (request.url().includes("/api/datasources/proxy/")) asked.push(request.url());
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
  const queriesMs = await timeOf(asked);
  return { panelsMs, completeMs, queriesMs, queries: asked.length, storeCpuMs };
}

/** Until no panel in the window waits for an answer, and what they show is drawn. */
export async function complete(page: Page): Promise<void> {
  await page.locator('.panel[data-state="ready"]').first().waitFor();
  await page.locator('.panel[aria-busy="true"]').first().waitFor({ state: "detached" });
  await page.evaluate(
    "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))",
  );
}

/** How long addresses take that are asked as a page asks them, in milliseconds. */
async function timeOf(addresses: readonly string[]): Promise<number> {
  const waiting = [...addresses];
  const startedAt = performance.now();
  const askOnAndOn = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const answer = await fetch(next);
      if (!answer.ok) throw new Error(`${next} was refused: ${await answer.text()}`);
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: queriesAtOnce }, askOnAndOn));
  return performance.now() - startedAt;
}
