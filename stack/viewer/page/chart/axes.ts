import type { Theme } from "../../data/colours.ts";
import type { TimeRange } from "../../data/time-range.ts";
import type { EChartsOption } from "./echarts.ts";

const lineColour = { dark: "rgba(204, 214, 230, 0.12)", light: "rgba(30, 40, 60, 0.12)" } as const;
const labelColour = { dark: "#a4adbb", light: "#565f6e" } as const;

const font = { fontSize: 11, fontFamily: "system-ui, sans-serif" } as const;

export function axisLabel(theme: Theme) {
  return { ...font, color: labelColour[theme], hideOverlap: true } as const;
}

export function splitLine(theme: Theme) {
  return { show: true, lineStyle: { color: lineColour[theme], width: 1 } } as const;
}

/** The horizontal axis: the whole time range, in times of here. */
export function timeAxis({ fromMs, toMs }: TimeRange, theme: Theme) {
  return {
    type: "time",
    splitNumber: 6,
    min: fromMs,
    max: toMs,
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { ...axisLabel(theme), formatter: (ms: number) => clock(ms, toMs - fromMs) },
    splitLine: splitLine(theme),
  } as const;
}

function clock(ms: number, rangeMs: number): string {
  const date = new Date(ms);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (rangeMs > 2 * 86_400_000) {
    return day;
  }
  if (rangeMs > 86_400_000 && minutes === "00:00") {
    return day;
  }
  return rangeMs < 300_000 ? `${minutes}:${two(date.getSeconds())}` : minutes;
}

/** Nothing moves, so that a page that is only looked at needs no processor. */
export const still: EChartsOption = {
  animation: false,
  grid: { left: 8, right: 12, top: 10, bottom: 4, outerBoundsMode: "same" },
};
