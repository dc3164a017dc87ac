import { getLength } from "../../data/frame.ts";
import type { PanelData } from "../dashboard/panel-data.ts";
import { BarGauge } from "./bar-gauge.tsx";
import { HeatmapPanel } from "./heatmap.tsx";
import { Logs } from "./logs.tsx";
import type { PanelShape } from "./panel-view.ts";
import { Stat } from "./stat.tsx";
import { TablePanel } from "./table.tsx";
import { TextPanel } from "./text.tsx";
import { Timeseries } from "./timeseries.tsx";
import { Traces } from "./traces.tsx";

const hasNoRows = ({ frames }: PanelData) => frames.every((frame) => getLength(frame) === 0);

/** The types of panels that the project's dashboards use, by Grafana's names. */
const shapes: Readonly<Record<string, PanelShape>> = {
  bargauge: { View: BarGauge, asks: true, isEmpty: hasNoRows },
  heatmap: { View: HeatmapPanel, asks: true, isEmpty: hasNoCounts },
  logs: { View: Logs, asks: true, isEmpty: ({ logs }) => logs.length === 0 },
  // A number that is not there is shown as the panel says.
  stat: { View: Stat, asks: true, isEmpty: () => false },
  table: { View: TablePanel, asks: true, isEmpty: hasNoRows },
  text: { View: TextPanel, asks: false, isEmpty: () => false },
  timeseries: { View: Timeseries, asks: true, isEmpty: hasNoRows },
  traces: { View: Traces, asks: true, isEmpty: ({ trace }) => trace === undefined },
};

/** How a type of panel is shown; undefined for one that the viewer does not have. */
export function findShape(type: string): PanelShape | undefined {
  return Object.hasOwn(shapes, type) ? shapes[type] : undefined;
}

function hasNoCounts({ frames }: PanelData): boolean {
  return frames.every(({ fields }) =>
    fields.every(({ type, values }) => type !== "number" || values.every((value) => !value)),
  );
}
