import { useMemo } from "preact/hooks";
import type { Theme } from "../../data/colours.ts";
import { type HeatCells, heatCells } from "../../data/heatmap-cells.ts";
import { localTime, type TimeRange } from "../../data/time-range.ts";
import { formatText } from "../../data/units.ts";
import { axisLabel, Chart, splitLine, still, timeAxis } from "../chart/chart.tsx";
import type { EChartsOption } from "../chart/echarts.ts";
import type { PanelViewProps } from "./panel-view.ts";

interface HeatmapOptions {
  readonly color?: { readonly exponent?: number };
  readonly yAxis?: { readonly unit?: string; readonly axisLabel?: string };
}

/** How often which size came when. */
export function HeatmapPanel({ panel, frames, context, theme }: PanelViewProps) {
  const options = (panel.options ?? {}) as HeatmapOptions;
  const cells = useMemo(() => heatCells(frames), [frames]);
  const { range } = context;
  const option = useMemo(
    () => createChartOption(cells, options, range, theme),
    [cells, options, range, theme],
  );
  const unit = options.yAxis?.unit;
  return (
    <div class="timeseries">
      <Chart
        option={option}
        label={`${panel.title}: how often which of ${cells.buckets.length} sizes came over time`}
        range={range}
        tooltip={(timeMs, row) => <Cell cells={cells} timeMs={timeMs} row={row} unit={unit} />}
        onRange={({ fromMs, toMs }) => context.onRange({ from: String(fromMs), to: String(toMs) })}
      />
      <HeatScale most={cells.most} theme={theme} />
    </div>
  );
}

/** From few to many, over the page's own ground. */
const scale = {
  dark: ["#1d3354", "#2a5aa0", "#4d8fe8", "#9cc6ff", "#e3f0ff"],
  light: ["#dbe9fb", "#a9caf5", "#6aa0e8", "#2f6bc4", "#123e82"],
} as const;

function shade(count: number, most: number, exponent: number, theme: Theme): string {
  const colours = scale[theme];
  const place = most === 0 ? 0 : (count / most) ** exponent;
  return colours[Math.min(colours.length - 1, Math.floor(place * colours.length))] ?? colours[0];
}

function createChartOption(
  { buckets, cells, most }: HeatCells,
  { color, yAxis }: HeatmapOptions,
  range: TimeRange,
  theme: Theme,
): EChartsOption {
  const exponent = color?.exponent ?? 0.5;
  return {
    ...still,
    xAxis: timeAxis(range, theme),
    yAxis: {
      type: "category",
      data: buckets.map((bound) => formatText(bound, yAxis?.unit)),
      name: yAxis?.axisLabel ?? "",
      nameLocation: "middle",
      nameTextStyle: axisLabel(theme),
      axisLabel: axisLabel(theme),
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: splitLine(theme),
    },
    series: [
      {
        type: "custom",
        silent: true,
        clip: true,
        data: cells.map(({ fromMs, toMs, bucket, count }) => [fromMs, bucket, toMs, count]),
        encode: { x: [0, 2], y: 1 },
        renderItem: (_parameters, api) => {
          const [left = 0, middle = 0] = api.coord([api.value(0), api.value(1)]);
          const [right = 0] = api.coord([api.value(2), api.value(1)]);
          const size = api.size?.([0, 1]) ?? 0;
          const height = Array.isArray(size) ? (size[1] ?? 0) : size;
          return {
            type: "rect",
            shape: {
              x: left + 0.5,
              y: middle - height / 2 + 0.5,
              width: Math.max(1, right - left - 1),
              height: Math.max(1, height - 1),
            },
            style: { fill: shade(Number(api.value(3)), most, exponent, theme) },
          };
        },
      },
    ],
  };
}

function HeatScale({ most, theme }: { readonly most: number; readonly theme: Theme }) {
  return (
    <div class="heat-scale" aria-hidden="true">
      <span>1</span>
      {scale[theme].map((colour) => (
        <span key={colour} class="heat-step" style={{ backgroundColor: colour }} />
      ))}
      <span>{formatText(most, "short")}</span>
    </div>
  );
}

interface CellProps {
  readonly cells: HeatCells;
  readonly timeMs: number;
  readonly row: number;
  readonly unit: string | undefined;
}

function Cell({ cells, timeMs, row, unit }: CellProps) {
  const bucket = Math.round(row);
  const found = cells.cells.find(
    (cell) => cell.bucket === bucket && cell.fromMs <= timeMs && timeMs < cell.toMs,
  );
  if (found === undefined) {
    return null;
  }
  const upper = cells.buckets[bucket] ?? 0;
  return (
    <>
      <time>
        {localTime(found.fromMs)} to {localTime(found.toMs).slice(11)}
      </time>
      <p>
        <strong>{formatText(found.count, "short")}</strong> of {formatText(upper / 2, unit)} to{" "}
        {formatText(upper, unit)}
      </p>
    </>
  );
}
