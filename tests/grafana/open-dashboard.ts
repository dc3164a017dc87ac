/** Opens a dashboard in Grafana or in the viewer, unfolds its rows and waits until all panels have answers. */

import { setTimeout as delay } from "node:timers/promises";
import type { BrowserContext, Page } from "playwright-core";
import type { Dashboard, Panel } from "../support/dashboard-panels.ts";
import type { PageElement } from "./page-element.ts";

export interface OpenDashboard {
  readonly page: Page;
  /** Console errors and exceptions. */
  readonly complaints: readonly string[];
  /** Addresses that were asked on other machines. */
  readonly strangers: readonly string[];
  /** The rows by title, and whether they were folded when the page opened. */
  readonly rows: readonly string[];
}

interface Opening {
  readonly address: string;
  readonly dashboard: Dashboard;
  readonly theme: "dark" | "light";
  readonly headers?: Readonly<Record<string, string>>;
}

/** Wide, so that no column of a table is out of sight: Grafana leaves out what nobody sees. */
const widthPx = 3200;

/** Every panel that is no row, those of folded rows too. */
export function listPanels({ panels }: Dashboard): Panel[] {
  return panels.flatMap((panel) => (panel.type === "row" ? [...(panel.panels ?? [])] : [panel]));
}

/** With what Grafana's grid gives to a panel, and room for the bars above. */
function computeHeightPx(dashboard: Dashboard): number {
  const rows = listPanels(dashboard).map(({ gridPos }) => gridPos.y + gridPos.h);
  const folded = dashboard.panels.flatMap(({ panels = [] }) =>
    panels.map(({ gridPos }) => gridPos.h),
  );
  const units = Math.max(...rows) + folded.reduce((sum, height) => sum + height, 0);
  return Math.min(16_000, 400 + 38 * units);
}

async function openPage(
  context: BrowserContext,
  { address, dashboard, theme, headers = {} }: Opening,
) {
  const page = await context.newPage();
  const complaints: string[] = [];
  const strangers: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") {
      complaints.push(`${message.text()} ${message.location().url}`);
    }
  });
  page.on("pageerror", (error) => complaints.push(String(error.stack)));
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith("http") && hostname !== new URL(address).hostname) {
      strangers.push(request.url());
    }
  });
  await page.setExtraHTTPHeaders({ ...headers });
  await page.setViewportSize({ width: widthPx, height: computeHeightPx(dashboard) });
  await page.emulateMedia({ colorScheme: theme });
  // What is behind another page draws no panels.
  await page.bringToFront();
  await page.goto(address, { waitUntil: "domcontentloaded" });
  return { page, complaints, strangers };
}

export async function openInGrafana(
  context: BrowserContext,
  opening: Opening,
): Promise<OpenDashboard> {
  const opened = await openPage(context, opening);
  const { page } = opened;
  const titles = page.locator('[data-testid^="data-testid dashboard-row-title-"]');
  await page.locator('[data-testid="data-testid panel content"]').first().waitFor();
  const rows = await titles.evaluateAll((buttons) =>
    (buttons as unknown as PageElement[]).map(
      (button) =>
        `${(button.textContent ?? "").trim()}${button.getAttribute("aria-label") === "Expand row" ? ", folded" : ""}`,
    ),
  );
  const folded = page.locator(
    '[data-testid^="data-testid dashboard-row-title-"][aria-label="Expand row"]',
  );
  while ((await folded.count()) > 0) {
    await folded.first().click();
  }
  await waitUntilStill(page, listPanels(opening.dashboard).length, {
    panel: '[data-viz-panel-key] [data-testid="data-testid panel content"]',
    loading: '[aria-label="Panel loading bar"], [data-testid="data-testid Panel loading bar"]',
  });
  return { ...opened, rows };
}

export async function openInViewer(
  context: BrowserContext,
  opening: Opening,
): Promise<OpenDashboard> {
  const opened = await openPage(context, opening);
  const { page } = opened;
  await page.locator(".panel").first().waitFor();
  const rows = await page.locator(".row-title button").evaluateAll((buttons) =>
    (buttons as unknown as PageElement[]).map((button) => {
      const isFolded = button.getAttribute("aria-expanded") === "false";
      return `${(button.textContent ?? "").replace(/\(\d+ panels?\)/, "").trim()}${isFolded ? ", folded" : ""}`;
    }),
  );
  const folded = page.locator('.row-title button[aria-expanded="false"]');
  while ((await folded.count()) > 0) {
    await folded.first().click();
  }
  await waitUntilStill(page, listPanels(opening.dashboard).length, {
    panel: ".panel",
    loading: '.panel:not([data-state="ready"], [data-state="error"])',
  });
  return { ...opened, rows };
}

const patienceMs = 240_000;

/** Until all panels are there, none of them loads, and the page says the same as a moment ago. */
async function waitUntilStill(
  page: Page,
  count: number,
  { panel, loading }: { readonly panel: string; readonly loading: string },
): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  let before = "";
  for (;;) {
    const now = String(await page.evaluate("document.body.innerText"));
    const found = await page.locator(panel).count();
    if (found >= count && (await page.locator(loading).count()) === 0 && now === before) {
      return;
    }
    if (performance.now() > giveUpAt) {
      throw new Error(`${page.url()} shows ${found} of ${count} panels, and some still load.`);
    }
    before = now;
    await delay(1_000);
  }
}
