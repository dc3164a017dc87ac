import type { DashboardJson, PanelJson } from "./dashboard.ts";

/**
 * A dashboard that was loaded again, with those of its panels that are as before being the very same
 * objects: what was made of them need not be made anew.
 */
export function withUnchangedPanels(
  before: DashboardJson | undefined,
  after: DashboardJson,
): DashboardJson {
  return after.panels === undefined
    ? after
    : { ...after, panels: unchangedPanels(before?.panels ?? [], after.panels) };
}

function unchangedPanels(before: readonly PanelJson[], after: readonly PanelJson[]): PanelJson[] {
  const known = new Map(before.map((panel) => [JSON.stringify(panel), panel]));
  const byId = new Map(before.map((panel) => [panel.id, panel]));
  return after.map((panel) => {
    const same = known.get(JSON.stringify(panel));
    if (same !== undefined || panel.panels === undefined) {
      return same ?? panel;
    }
    const inside = byId.get(panel.id)?.panels ?? [];
    return { ...panel, panels: unchangedPanels(inside, panel.panels) };
  });
}
