/** From a span in Grafana to its log lines and its metrics: they are asked for, and answered. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { BrowserContext } from "playwright-core";
import { miniserve } from "#miniserve";
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
  assert.equal(await spans.count(), Object.keys(miniserve.spans).length);
  await spans.first().click();
  const links = page.getByRole("button", { name: "Links", exact: true }).first();
  const titles = [
    { title: "Logs for this span", type: "loki" },
    { title: "Spans of this name a second", type: "prometheus" },
  ];
  for (const { title, type } of titles) {
    await links.click();
    const link = page.getByRole("menuitem", { name: title });
    await link.waitFor();
    if (!running.has(type)) {
      t.diagnostic(`"${title}" was not followed: ${type} does not run.`);
      await page.keyboard.press("Escape");
      continue;
    }
    const [answer] = await Promise.all([
      page.waitForResponse((one) => one.url().includes(`/api/ds/query?ds_type=${type}`)),
      link.click(),
    ]);
    assert.equal(answer.status(), 200, await answer.text());
    const asked = answer.request().postData() ?? "";
    assert.ok(
      asked.includes(type === "loki" ? viewer.traceId : miniserve.spans.handler.name),
      asked,
    );
  }
  await page.close();
}
