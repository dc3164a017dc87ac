import type { Dashboard, Panel, RowPanel } from "@grafana/grafana-foundation-sdk/dashboard";

/** Without what the SDK writes of itself and Grafana has no more: its types say so. */
export function withoutLeftovers(dashboard: Dashboard): Dashboard {
  const { templating, panels = [] } = dashboard;
  const list =
    templating.list?.map(({ auto, auto_min, auto_count, ...variable }) => variable) ?? [];
  return { ...dashboard, templating: { ...templating, list }, panels: panels.map(withoutFooter) };
}

function withoutFooter<Any extends Panel | RowPanel>(panel: Any): Any {
  if (isRow(panel)) {
    return { ...panel, panels: panel.panels.map(withoutFooter) };
  }
  const { footer, ...options } = panel.options ?? {};
  return panel.type === "table" ? { ...panel, options } : panel;
}

function isRow(panel: Panel | RowPanel): panel is RowPanel {
  return panel.type === "row";
}
