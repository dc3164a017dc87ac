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

/** CPU time of the page while nobody touches it. */
export async function measureIdlePage(bench: ViewerBench): Promise<PartResult> {
  const { browser, address, dashboard, store, idleSeconds } = bench;
  const session = await browser.browser()?.newBrowserCDPSession();
  if (session === undefined) throw new Error("The browser does not tell of its processes.");
  const page = await browser.newPage();
  await page.goto(`${address}${dashboard}?refresh=`);
  await complete(page);
  await delay(settleMs);
  const before = { page: await rendererSeconds(session), store: cpuTimeUs(store.program.pid) };
  await delay(idleSeconds * 1000);
  const cpuMs = ((await rendererSeconds(session)) - before.page) * 1000;
  const storeCpuMs = (cpuTimeUs(store.program.pid) - before.store) / 1000;
  await page.close();
  const share = cpuMs / (idleSeconds * 1000);
  return {
    columns: ["CPU time, ms", "figure"],
    rows: [
      ["processes of pages", cpuMs.toFixed(0)],
      ["the store, for whatever reason", storeCpuMs.toFixed(0)],
    ],
    goals: [
      {
        sentence: `no more than ${goalShare * 100} % of a CPU (${(share * 100).toFixed(3)} %)`,
        isReached: share <= goalShare,
      },
    ],
    values: { idleSeconds, cpuMs, storeCpuMs },
  };
}

/** CPU time of all processes that draw pages, in seconds, to the millisecond. */
async function rendererSeconds(session: CDPSession): Promise<number> {
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  return processInfo
    .filter(({ type }) => type === "renderer")
    .reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}
