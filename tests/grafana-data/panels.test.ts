/** What each panel of the committed dashboards shows in the viewer, beside what Grafana's own code shows. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import {
  allPanels,
  type DashboardJson,
  type PanelJson,
} from "../../stack/viewer/data/dashboard.ts";
import { computed } from "../../stack/viewer/data/expressions.ts";
import type { Provisioned } from "../../stack/viewer/data/provisioned.ts";
import type { TimeRange } from "../../stack/viewer/data/time-range.ts";
import { readVariables, resolveVariableValues } from "../../stack/viewer/data/variables.ts";
import type { DashboardContextValue } from "../../stack/viewer/page/dashboard/dashboard-context.ts";
import { askPanel, listQueries } from "../../stack/viewer/page/dashboard/panel-data.ts";
import { picturedRequests } from "../viewer/pictures/pictured-requests.ts";
import { type SeededViewer, startSeededViewer } from "../viewer/seeded-viewer.ts";
import { notMadeOfFields, shownByGrafana, shownByViewer } from "./shown.ts";

const folder = join(import.meta.dirname, "..", "..", "dashboards", "generated", "miniserve");
const hourMs = 3_600_000;

/** Where the viewer shall show something else than Grafana, by the words of the difference. */
const knownDifferences: readonly { readonly pattern: RegExp; readonly reason: string }[] = [];

test("every panel shows what Grafana's own code shows", async (t) => {
  const viewer = await startSeededViewer(t);
  await viewer.send(picturedRequests(80, 0.9).flat());
  const toMs = Date.now();
  await compareAll(t, viewer, { fromMs: toMs - hourMs, toMs });
});

test("every panel shows what Grafana's own code shows where nothing was found", async (t) => {
  const viewer = await startSeededViewer(t);
  const toMs = Date.now() - 24 * hourMs;
  await compareAll(t, viewer, { fromMs: toMs - hourMs, toMs });
});

async function compareAll(t: TestContext, viewer: SeededViewer, range: TimeRange): Promise<void> {
  const differences: string[] = [];
  let [compared, askedElsewhere] = [0, 0];
  for (const file of readdirSync(folder)) {
    const dashboard = JSON.parse(readFileSync(join(folder, file), "utf8")) as DashboardJson;
    const context = await createContext(dashboard, viewer, range);
    for (const panel of allPanels(dashboard.panels)) {
      if (Object.hasOwn(notMadeOfFields, panel.type)) {
        continue;
      }
      const found = await findDifferences(panel, context, viewer);
      compared += Number(found !== undefined);
      askedElsewhere += Number(found === undefined);
      differences.push(...(found ?? []).map((words) => `${file}: ${panel.title}: ${words}`));
    }
  }
  t.diagnostic(`${compared} panels compared, ${askedElsewhere} that only Grafana can ask for`);
  assert.ok(compared > 50, `${compared} panels`);
  const isKnown = (words: string) => knownDifferences.some(({ pattern }) => pattern.test(words));
  assert.deepEqual(
    differences.filter((words) => !isKnown(words)),
    [],
  );
}

/** Undefined for a panel whose datasource nobody answers for here. */
async function findDifferences(
  panel: PanelJson,
  context: DashboardContextValue,
  { address }: SeededViewer,
): Promise<string[] | undefined> {
  const queries = listQueries(panel, context);
  if (queries.some(({ askedOnlyInGrafana }) => askedOnlyInGrafana !== undefined)) {
    return undefined;
  }
  const absolute = queries.map((query) => ({ ...query, address: `${address}${query.address}` }));
  const answered = await askPanel(absolute, context.range.toMs, new AbortController().signal);
  // A Grafana's server does this, before any panel sees its frames.
  const { frames, unknown } = computed(answered.frames, panel.targets);
  assert.deepEqual(unknown, [], panel.title);
  const theirs = await shownByGrafana(panel, frames, context);
  const ours = shownByViewer(panel, frames, context);
  return [...new Set([...Object.keys(theirs), ...Object.keys(ours)])].flatMap((part) => {
    const [one, other] = [theirs[part], ours[part]].map((value) => JSON.stringify(value));
    return one === other ? [] : [`${part}: ${one} in Grafana, ${other} here`];
  });
}

async function createContext(
  { templating }: DashboardJson,
  { address, traceId, requestId }: SeededViewer,
  range: TimeRange,
): Promise<DashboardContextValue> {
  const answer = await fetch(`${address}/api/viewer/provisioned`);
  const { datasources } = (await answer.json()) as Provisioned;
  const parameters = new URLSearchParams({ "var-traceId": traceId, "var-request": requestId });
  return {
    variables: resolveVariableValues(readVariables(templating?.list), parameters),
    raw: { from: String(range.fromMs), to: String(range.toMs) },
    range,
    datasources,
    refreshes: 0,
    onRange: () => {},
  };
}
