import { useMemo, useState } from "preact/hooks";
import type { Theme } from "../../data/colours.ts";
import {
  aligned,
  computeStep,
  createSeries,
  inParts,
  legendRows,
  nearest,
  type Series,
  withGaps,
} from "../../data/series.ts";
import { localTime, type TimeRange } from "../../data/time-range.ts";
import { formatText, tickText } from "../../data/units.ts";
import { axisLabel, Chart, splitLine, still, timeAxis } from "../chart/chart.tsx";
import type { EChartsOption } from "../chart/echarts.ts";
import type { PanelViewProps } from "./panel-view.ts";

/** Series over time: lines or bars, stacked or not. */
export function Timeseries({ panel, frames, context, theme }: PanelViewProps) {
  const all = useMemo(() => createSeries(frames, theme), [frames, theme]);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const shown = useMemo(
    () => (chosen.size === 0 ? all : all.filter(({ name }) => chosen.has(name))),
    [all, chosen],
  );
  const { range } = context;
  const option = useMemo(() => createChartOption(shown, range, theme), [shown, range, theme]);
  const legend = (panel.options?.legend ?? {}) as LegendOptions;
  const names = all.map(({ name }) => name).join(", ");
  return (
    <div class={`timeseries ${legend.placement === "right" ? "legend-right" : ""}`}>
      <Chart
        option={option}
        label={`${panel.title}: ${all.length} series over time: ${names}`}
        range={range}
        tooltip={(timeMs) => <Values series={shown} timeMs={timeMs} range={range} />}
        onRange={({ fromMs, toMs }) => context.onRange({ from: String(fromMs), to: String(toMs) })}
      />
      {legend.showLegend !== false && (
        <Legend series={all} options={legend} chosen={chosen} onChosen={setChosen} />
      )}
    </div>
  );
}

function createChartOption(
  series: readonly Series[],
  range: TimeRange,
  theme: Theme,
): EChartsOption {
  const [first] = series;
  const config = first?.field.config ?? {};
  const isPercent = series.some(({ stacking }) => stacking === "percent");
  const unit = isPercent ? "percentunit" : config.unit;
  const { axisLabel: name = "" } = (config.custom ?? {}) as { axisLabel?: string };
  const placed = aligned(series);
  const parts = inParts(placed);
  return {
    ...still,
    xAxis: timeAxis(range, theme),
    yAxis: {
      type: "value",
      ...(config.min === undefined ? { scale: true } : { min: config.min }),
      ...(isPercent
        ? { max: 1, interval: 0.25 }
        : config.max === undefined
          ? {}
          : { max: config.max }),
      splitNumber: 4,
      ...(config.decimals === 0 ? { minInterval: 1 } : {}),
      name,
      nameLocation: "middle",
      nameTextStyle: axisLabel(theme),
      axisLabel: {
        ...axisLabel(theme),
        formatter: (value: number) => tickText(value, unit, config.decimals),
      },
      splitLine: splitLine(theme),
    },
    series: placed.map((one, index) => drawn(one, parts[index] ?? [], range)),
  };
}

function drawn(series: Series, values: readonly (number | null)[], range: TimeRange) {
  const { name, colour, times, isBars, stacking, fillOpacity, lineWidth, dash } = series;
  const data = times.map((time, index): [number, number | null] => [time, values[index] ?? null]);
  const common = {
    name,
    data,
    silent: true,
    emphasis: { disabled: true },
    ...(stacking === "none" ? {} : { stack: "all" }),
  };
  if (isBars) {
    const countOfSteps =
      (range.toMs - range.fromMs) / (computeStep([series]) ?? Number.POSITIVE_INFINITY);
    return {
      ...common,
      type: "bar" as const,
      itemStyle: { color: colour, opacity: fillOpacity || 1 },
      barMaxWidth: 40,
      barCategoryGap: countOfSteps > 120 ? "0%" : "15%",
    };
  }
  const points = withGaps(series);
  const isKnown = (index: number) => typeof points[index]?.[1] === "number";
  const showsAll =
    series.showsPoints === "always" ||
    (series.showsPoints === "auto" && points.length <= fewPoints);
  // One alone would make no line.
  const isShown = (index: number) =>
    showsAll || (series.showsPoints === "auto" && !isKnown(index - 1) && !isKnown(index + 1));
  return {
    ...common,
    type: "line" as const,
    data: points.map(([time, value], index) => ({
      value: [time, value],
      symbol: isShown(index) ? "circle" : "none",
    })),
    showSymbol: true,
    symbolSize: 5,
    itemStyle: { color: colour },
    lineStyle: {
      color: colour,
      width: lineWidth,
      ...(dash === undefined ? {} : { type: [...dash] }),
    },
    ...(fillOpacity === 0 ? {} : { areaStyle: { color: colour, opacity: fillOpacity } }),
  };
}

/** So few are drawn as points as well. */
const fewPoints = 30;

interface ValuesProps {
  readonly series: readonly Series[];
  readonly timeMs: number;
  readonly range: TimeRange;
}

/** The values of all series at a time, the largest first. */
function Values({ series, timeMs, range }: ValuesProps) {
  const step = computeStep(series) ?? range.toMs - range.fromMs;
  const found = series.flatMap((one) => {
    const at = nearest(one, timeMs, step * 0.75);
    return at === undefined ? [] : [{ ...one, ...at }];
  });
  if (found.length === 0) {
    return null;
  }
  const time = found.reduce(
    (best, one) => (Math.abs(one.time - timeMs) < Math.abs(best - timeMs) ? one.time : best),
    found[0]?.time ?? 0,
  );
  const rows = found.filter((one) => one.time === time);
  return (
    <>
      <time>{localTime(time)}</time>
      <table>
        <tbody>
          {rows
            .toSorted((one, other) => other.value - one.value)
            .map(({ name, colour, value, field }) => (
              <tr key={name}>
                <td>
                  <span class="swatch" style={{ backgroundColor: colour }} /> {name}
                </td>
                <td class="number">
                  {formatText(value, field.config.unit, field.config.decimals)}
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </>
  );
}

/** As Grafana has them. */
interface LegendOptions {
  readonly showLegend?: boolean;
  readonly displayMode?: string;
  readonly placement?: string;
  readonly calcs?: readonly string[];
  readonly sortBy?: string;
  readonly sortDesc?: boolean;
}

interface LegendProps {
  readonly series: readonly Series[];
  readonly options: LegendOptions;
  /** The names of those that are shown; empty for all. */
  readonly chosen: ReadonlySet<string>;
  readonly onChosen: (chosen: ReadonlySet<string>) => void;
}

/**
 * The names of the series, and in a table what they come to. One that is pressed is shown alone; with Ctrl
 * or Shift, beside others.
 */
function Legend({ series, options, chosen, onChosen }: LegendProps) {
  const press = (name: string, isAdded: boolean) => {
    if (!isAdded) {
      onChosen(chosen.size === 1 && chosen.has(name) ? new Set() : new Set([name]));
      return;
    }
    const others = new Set(chosen);
    if (!others.delete(name)) {
      others.add(name);
    }
    onChosen(others.size === series.length ? new Set() : others);
  };
  const isTable = options.displayMode === "table";
  const { calcs = [], sortBy, sortDesc = false } = options;
  const { columns, rows } = legendRows(series, isTable ? calcs : [], { sortBy, sortDesc });
  return (
    <ul class={isTable ? "legend legend-table" : "legend"} aria-label="Series">
      {columns.length > 0 && (
        <li class="legend-head" aria-hidden="true">
          {columns.join(" · ")}
        </li>
      )}
      {rows.map(({ series: { name, colour, dash, field }, values }, index) => (
        <li key={`${index} ${name}`}>
          <button
            type="button"
            aria-pressed={chosen.has(name)}
            class={chosen.size > 0 && !chosen.has(name) ? "legend-entry off" : "legend-entry"}
            title={name}
            onClick={(event) => press(name, event.ctrlKey || event.metaKey || event.shiftKey)}
          >
            <span
              class={dash === undefined ? "swatch" : "swatch dashed"}
              style={dash === undefined ? { backgroundColor: colour } : { color: colour }}
            />{" "}
            <span class="legend-name">{name}</span>
            {values.map((value, column) => (
              <span class="legend-value" key={columns[column]}>
                {value === null ? "" : formatText(value, field.config.unit, field.config.decimals)}
              </span>
            ))}
          </button>
        </li>
      ))}
    </ul>
  );
}
