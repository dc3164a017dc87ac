/** Every panel of every dashboard, in Grafana and in the viewer. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import type { Dashboard, Panel } from "../support/dashboard-panels.ts";
import { comparePanel } from "./compare-panel.ts";
import { type Difference, formatTable, judge } from "./differences.ts";
import { knownComplaints, knownDifferences } from "./known-differences.ts";
import { listPanels, openInGrafana, openInViewer } from "./open-dashboard.ts";
import { type Seeded, withoutAbsent } from "./seeded.ts";

function listAddresses({ grafana, viewer, range }: Seeded, { uid }: Dashboard) {
  const parameters = new URLSearchParams({
    from: String(range.fromMs),
    to: String(range.toMs),
    "var-traceId": viewer.traceId,
    "var-request": viewer.requestId,
  });
  return {
    grafana: `${grafana.url}/d/${uid}/-?${parameters}&kiosk`,
    viewer: `${viewer.address}/d/${uid}?${parameters}`,
  };
}

/** A panel whose datasource does not run cannot be compared. */
function isAnswered({ targets = [] }: Panel, running: ReadonlySet<string>): boolean {
  return targets.every(({ datasource }) => running.has(datasource.type));
}

function assertQuiet(
  { complaints, strangers }: { complaints: readonly string[]; strangers: readonly string[] },
  { running }: Seeded,
  where: string,
): void {
  const unknown = withoutAbsent(complaints, running).filter(
    (complaint) => !knownComplaints.some(({ pattern }) => pattern.test(complaint)),
  );
  assert.deepEqual(unknown, [], `${where}: console`);
  assert.deepEqual(strangers, [], `${where}: asked elsewhere`);
}

export async function compareDashboards(
  t: TestContext,
  scene: Seeded,
  context: BrowserContext,
  dashboards: readonly Dashboard[],
): Promise<void> {
  const { grafana, viewer, range, running } = scene;
  const differences: Difference[] = [];
  const failures: string[] = [];
  let count = 0;
  for (const dashboard of dashboards) {
    const address = listAddresses(scene, dashboard);
    const headers = grafana.pageHeaders;
    const theirs = await openInGrafana(context, {
      ...{ address: address.grafana, dashboard, theme: "dark", headers },
    });
    const ours = await openInViewer(context, { address: address.viewer, dashboard, theme: "dark" });
    const sides = {
      grafana: { page: theirs.page, origin: grafana.url },
      viewer: { page: ours.page, origin: viewer.address },
      range,
    };
    assert.deepEqual(theirs.rows, ours.rows, `${dashboard.title}: rows`);
    for (const panel of listPanels(dashboard).filter((one) => isAnswered(one, running))) {
      const compared = await comparePanel(dashboard.title, panel, sides);
      differences.push(...compared.differences);
      if (compared.failure !== "") {
        failures.push(`${dashboard.title}: ${panel.title}: ${compared.failure}`);
      }
      count += 1;
    }
    await savePictures(dashboard.uid, theirs.page, ours.page);
    assertQuiet(theirs, scene, dashboard.title);
    await theirs.page.close();
    await ours.page.close();
  }
  const { unknown, over } = judge(differences, knownDifferences);
  t.diagnostic(`${count} panels compared, ${differences.length} differences`);
  assert.deepEqual(failures, [], "panels with an error");
  assert.ok(unknown.length === 0, `\n${formatTable(unknown)}`);
  assert.deepEqual(over, [], "listed as different, and no longer so");
}

/** For a person who wants to look: GRAFANA_PICTURES names a folder. */
async function savePictures(uid: string, grafana: Page, viewer: Page): Promise<void> {
  const { GRAFANA_PICTURES = "" } = process.env;
  if (GRAFANA_PICTURES !== "") {
    await grafana.screenshot({ path: `${GRAFANA_PICTURES}/${uid}-grafana.png` });
    await viewer.screenshot({ path: `${GRAFANA_PICTURES}/${uid}-viewer.png` });
  }
}

export async function openInLight(
  scene: Seeded,
  context: BrowserContext,
  dashboards: readonly Dashboard[],
): Promise<void> {
  for (const dashboard of dashboards) {
    const opened = await openInGrafana(context, {
      address: `${listAddresses(scene, dashboard).grafana}&theme=light`,
      dashboard,
      theme: "light",
      headers: scene.grafana.pageHeaders,
    });
    const isLight = await opened.page.evaluate<boolean>(
      "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).every((part) => part > 200)",
    );
    assert.ok(isLight, `${dashboard.title} is not light`);
    assertQuiet(opened, scene, `${dashboard.title}, light`);
    await opened.page.close();
  }
}
