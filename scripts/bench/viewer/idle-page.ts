import { setTimeout as delay } from "node:timers/promises";
import type { CDPSession } from "playwright-core";
import type { PartResult } from "../bench-run.ts";
import { cpuTimeUs } from "../process-usage.ts";
import { complete } from "./first-dashboard.ts";
import type { ViewerBench } from "./viewer-run.ts";

/** In which a page that has just been drawn tidies up. */
const settleMs = 3_000;
/** Of one CPU: what cannot be told from nothing. */
const goalShare = 0.001;

/** CPU time of the page's own process while nobody touches it, beside that of an empty page. */
export async function measureIdlePage(bench: ViewerBench): Promise<PartResult> {
  const { browser, address, dashboard, store, idleSeconds } = bench;
  const session = await browser.browser()?.newBrowserCDPSession();
  if (session === undefined) throw new Error("The browser does not tell of its processes.");
  // As old as the page, so that the browser tidies up in both at the same time.
  const empty = await browser.newPage();
  const atFirst = await cpuSecondsOfPages(session);
  const page = await browser.newPage();
  await page.goto(`${address}${dashboard}?refresh=`);
  await complete(page);
  const loaded = await cpuSecondsOfPages(session);
  const own = busiest(difference(atFirst, loaded));
  // V8 would do it by itself some time in the next minute.
  await (await browser.newCDPSession(page)).send("HeapProfiler.collectGarbage");
  await delay(settleMs);
  const before = { pages: await cpuSecondsOfPages(session), storeUs: cpuTimeUs(store.program.pid) };
  await delay(idleSeconds * 1000);
  const used = difference(before.pages, await cpuSecondsOfPages(session));
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

async function cpuSecondsOfPages(session: CDPSession): Promise<CpuSeconds> {
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
