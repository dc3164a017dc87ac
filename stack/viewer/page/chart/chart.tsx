import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Theme } from "../../data/colours.ts";
import type { TimeRange } from "../../data/time-range.ts";
import { type EChartsOption, type EChartsType, init } from "./echarts.ts";

interface ChartProps {
  readonly option: EChartsOption;
  /** What the chart shows, in a sentence. */
  readonly label: string;
  readonly range: TimeRange;
  /** What is said of a place: its time, and on the vertical axis its value. Null for nothing. */
  readonly tooltip: (timeMs: number, value: number) => ComponentChildren;
  /** A part of the time range was chosen by dragging. */
  readonly onRange: (range: TimeRange) => void;
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly timeMs: number;
  readonly value: number;
}

/**
 * A chart over time. ECharts draws it; what moves with the pointer is made of elements of the page, so
 * that no text of a trace is ever read as markup, and nothing is drawn anew.
 */
export function Chart({ option, label, range, tooltip, onRange }: ChartProps) {
  const container = useRef<HTMLDivElement>(null);
  const chart = useEcharts(container, option, label);
  const marker = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<Place>();
  const [dragFrom, setDragFrom] = useState<Place>();
  useEffect(
    () =>
      onHoveredTime((timeMs) => {
        const x = timeMs === undefined ? undefined : toPixel(chart.current, timeMs, range);
        if (marker.current !== null) {
          marker.current.hidden = x === undefined;
          marker.current.style.transform = `translateX(${x ?? 0}px)`;
        }
      }),
    [chart, range],
  );
  const leave = () => {
    setPlace(undefined);
    setDragFrom(undefined);
    hoverTime(undefined);
  };
  const drop = (to: Place | undefined) => {
    if (dragFrom !== undefined && to !== undefined && Math.abs(to.x - dragFrom.x) > 5) {
      const [fromMs, toMs] = [dragFrom.timeMs, to.timeMs].toSorted((one, other) => one - other);
      onRange({ fromMs: Math.round(fromMs ?? 0), toMs: Math.round(toMs ?? 0) });
    }
    setDragFrom(undefined);
  };
  const shown = place === undefined ? null : tooltip(place.timeMs, place.value);
  return (
    <div
      class="chart"
      onPointerMove={(event) => {
        const found = computePlace(chart.current, event);
        setPlace(found);
        hoverTime(found?.timeMs);
      }}
      onPointerLeave={leave}
      onPointerDown={(event) => {
        if (event.button === 0 && event.pointerType === "mouse") {
          setDragFrom(computePlace(chart.current, event));
        }
      }}
      onPointerUp={(event) => drop(computePlace(chart.current, event))}
    >
      <div ref={container} class="chart-canvas" />
      <div ref={marker} class="chart-marker" hidden />
      {dragFrom !== undefined && place !== undefined && (
        <div
          class="chart-selection"
          style={{
            left: `${Math.min(dragFrom.x, place.x)}px`,
            width: `${Math.abs(dragFrom.x - place.x)}px`,
          }}
        />
      )}
      {shown !== null && place !== undefined && dragFrom === undefined && (
        <Tooltip anchor={container} x={place.x} y={place.y}>
          {shown}
        </Tooltip>
      )}
    </div>
  );
}

function useEcharts(
  container: { readonly current: HTMLDivElement | null },
  option: EChartsOption,
  label: string,
) {
  const chart = useRef<EChartsType | undefined>(undefined);
  useEffect(() => {
    const element = container.current;
    if (element === null) {
      return;
    }
    const made = init(element, null, { renderer: "canvas" });
    chart.current = made;
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = undefined;
    };
  }, [container]);
  useEffect(() => {
    chart.current?.setOption(option, { notMerge: true });
    container.current?.setAttribute("role", "img");
    container.current?.setAttribute("aria-label", label);
  }, [container, option, label]);
  return chart;
}

function computePlace(
  chart: EChartsType | undefined,
  { currentTarget, clientX, clientY }: PointerEvent,
): Place | undefined {
  const box = currentTarget instanceof Element ? currentTarget.getBoundingClientRect() : undefined;
  if (chart === undefined || box === undefined) {
    return undefined;
  }
  const [x, y] = [clientX - box.left, clientY - box.top];
  if (!chart.containPixel({ gridIndex: 0 }, [x, y])) {
    return undefined;
  }
  const [timeMs = 0, value = 0] = chart.convertFromPixel({ gridIndex: 0 }, [x, y]) as number[];
  return { x, y, timeMs, value };
}

function toPixel(
  chart: EChartsType | undefined,
  timeMs: number,
  { fromMs, toMs }: TimeRange,
): number | undefined {
  if (chart === undefined || timeMs < fromMs || timeMs > toMs) {
    return undefined;
  }
  const pixel: unknown = chart.convertToPixel({ xAxisIndex: 0 }, timeMs);
  return typeof pixel === "number" ? pixel : undefined;
}

/** The time under the pointer, which all charts of a page mark. */
type Listener = (timeMs: number | undefined) => void;

const listeners = new Set<Listener>();

function hoverTime(timeMs: number | undefined): void {
  for (const listener of listeners) {
    listener(timeMs);
  }
}

/** @returns what ends it. */
function onHoveredTime(listener: Listener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

interface TooltipProps {
  readonly anchor: RefObject<HTMLElement | null>;
  /** The pointer within the anchor, in pixels. */
  readonly x: number;
  readonly y: number;
  readonly children: ComponentChildren;
}

const distancePx = 14;
const marginPx = 6;

/** Beside the pointer, within the window, over everything else. */
function Tooltip({ anchor, x, y, children }: TooltipProps) {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const box = anchor.current?.getBoundingClientRect();
    const own = element.current;
    if (box === undefined || own === null) {
      return;
    }
    const { width, height } = own.getBoundingClientRect();
    const right = box.left + x + distancePx;
    const left = right + width + marginPx > innerWidth ? box.left + x - width - distancePx : right;
    const top = Math.min(box.top + y + distancePx, innerHeight - height - marginPx);
    own.style.left = `${Math.max(marginPx, left)}px`;
    own.style.top = `${Math.max(marginPx, top)}px`;
  });
  return (
    <div ref={element} class="tooltip" aria-hidden="true">
      {children}
    </div>
  );
}

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
