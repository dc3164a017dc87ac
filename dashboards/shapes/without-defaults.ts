import type { Dashboard, Panel, RowPanel } from "@grafana/grafana-foundation-sdk/dashboard";

/** Without what the SDK writes of itself: what Grafana has no more, its types say so, and what is its default. */
export function withoutDefaults(dashboard: Dashboard): Dashboard {
  const { templating, panels = [] } = dashboard;
  const list =
    templating.list?.map(({ auto, auto_min, auto_count, ...variable }) => variable) ?? [];
  return { ...dashboard, templating: { ...templating, list }, panels: panels.map(lean) };
}

function lean<Any extends Panel | RowPanel>(panel: Any): Any {
  if (isRow(panel)) {
    return { ...panel, panels: panel.panels.map(lean) };
  }
  const { transparent, repeatDirection, ...own } = panel;
  const { footer, ...options } = panel.options ?? {};
  return (panel.type === "table" ? { ...own, options } : own) as Any;
}

function isRow(panel: Panel | RowPanel): panel is RowPanel {
  return panel.type === "row";
}
