/** The links of saved queries, followed into Grafana's Explore. */
import assert from "node:assert/strict";
import type { BrowserContext, Page, Response } from "playwright-core";
import type { Dashboard } from "../support/dashboard-panels.ts";
import { replaceVariables } from "../support/dashboard-panels.ts";
import { listPanels } from "./open-dashboard.ts";
import type { Seeded } from "./seeded.ts";

/** Each link to Explore of a text on a dashboard, with its variables replaced as Grafana does it. */
function listLinks({ range, viewer }: Seeded, dashboards: readonly Dashboard[]) {
  return dashboards.flatMap((dashboard) =>
    listPanels(dashboard).flatMap(({ title, options }) =>
      [...(options?.content ?? "").matchAll(/\]\((\/explore\?[^)\s]+)\)/g)].map(
        ([, link = ""]) => ({
          title,
          link: replaceVariables(
            link
              .replaceAll(["${", "__from}"].join(""), String(range.fromMs))
              .replaceAll(["${", "__to}"].join(""), String(range.toMs)),
            dashboard.templating,
            { request: viewer.requestId },
          ),
        }),
      ),
    ),
  );
}

export async function checkExplore(
  scene: Seeded,
  context: BrowserContext,
  dashboards: readonly Dashboard[],
): Promise<void> {
  const links = listLinks(scene, dashboards);
  assert.ok(links.length > 20, `${links.length} links`);
  const page = await context.newPage();
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.setExtraHTTPHeaders({ ...scene.grafana.pageHeaders });
  const without: string[] = [];
  for (const { title, link } of links) {
    const rows = await rowsInExplore(page, `${scene.grafana.url}${link}`);
    if (rows === 0) {
      without.push(title);
    }
  }
  await page.close();
  assert.deepEqual(without, [], "saved queries without rows in Explore");
}

/** How many rows or lines Explore shows behind a link. @throws when its query is refused. */
async function rowsInExplore(page: Page, address: string): Promise<number> {
  const refused: string[] = [];
  const listen = (response: Response) => {
    if (response.status() >= 400 && response.url().includes("/api/ds/query")) {
      refused.push(`${response.status()} ${response.url()}`);
    }
  };
  page.on("response", listen);
  // Explore keeps what it shows when only its address changes.
  await page.goto("about:blank");
  await page.goto(address, { waitUntil: "domcontentloaded" });
  const rows = page.locator(
    "[role=row]:has([role=cell], [role=gridcell]), tr:has([aria-label='See log details'])",
  );
  await rows
    .or(page.getByText("No data", { exact: true }))
    .first()
    .waitFor();
  page.off("response", listen);
  assert.deepEqual(refused, [], address);
  return await rows.count();
}
