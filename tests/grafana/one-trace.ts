/** From a span in Grafana to its log lines and its metrics. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { rowsInExplore } from "./explore.ts";
import type { Seeded } from "./seeded.ts";

export async function checkTrace(
  t: TestContext,
  scene: Seeded,
  context: BrowserContext,
): Promise<void> {
  const { grafana, viewer, range, running } = scene;
  const page = await context.newPage();
  await page.setViewportSize({ width: 1920, height: 1400 });
  await page.setExtraHTTPHeaders({ ...grafana.pageHeaders });
  const target = {
    refId: "A",
    datasource: { type: "tempo", uid: "tempo" },
    queryType: "traceql",
    query: viewer.traceId,
  };
  const panes = {
    one: {
      datasource: "tempo",
      queries: [target],
      range: { from: String(range.fromMs), to: String(range.toMs) },
    },
  };
  const parameters = new URLSearchParams({
    schemaVersion: "1",
    orgId: "1",
    panes: JSON.stringify(panes),
  });
  await page.goto(`${grafana.url}/explore?${parameters}`, { waitUntil: "domcontentloaded" });
  const spans = page.locator('[data-testid="ListView"] button[role=switch][title]');
  await spans.first().waitFor();
  assert.equal(await spans.count(), 10);
  await spans.first().click();
  const links = await linksTo(page, ["loki", "prometheus"]);
  for (const type of ["loki", "prometheus"] as const) {
    const found = links.filter(({ datasource }) => datasource === type);
    assert.ok(found.length > 0, `a span has no link to ${type}`);
    if (!running.has(type)) {
      t.diagnostic(`The links to ${type} were not followed: it does not run.`);
      continue;
    }
    for (const { address } of found) {
      const rows = await rowsInExplore(page, new URL(address, `${grafana.url}/`).href);
      assert.ok(type !== "loki" || rows > 0, "no log lines behind the link of a span");
    }
  }
  await page.close();
}

/** The links of an opened span, by the datasource that they ask. */
async function linksTo(page: Page, types: readonly string[]) {
  const anchors = page.locator('a[href*="/explore"]');
  await anchors.first().waitFor();
  const addresses = await anchors.evaluateAll((found) =>
    found.map((anchor) => String(anchor.getAttribute("href"))),
  );
  return addresses.flatMap((address) => {
    const text = decodeURIComponent(address);
    const datasource = types.find((type) => text.includes(`"${type}"`));
    return datasource === undefined ? [] : [{ address, datasource }];
  });
}
