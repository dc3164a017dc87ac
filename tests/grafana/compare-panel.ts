/** One panel in Grafana beside the same in the viewer. */
import type { Locator, Page } from "playwright-core";
import type { Panel } from "../support/dashboard-panels.ts";
import { type Difference, listDifferences } from "./differences.ts";
import { hoverGrafana, hoverViewer, type Span } from "./read-charts.ts";
import { grafanaPanel, readGrafanaPanel } from "./read-grafana.ts";
import { readViewerPanel, viewerPanel } from "./read-viewer.ts";
import { type ShownText, shownText } from "./shown-text.ts";

export interface Side {
  readonly page: Page;
  /** What its own links begin with. */
  readonly origin: string;
}

export interface Comparison {
  readonly differences: readonly Difference[];
  /** What the corner of Grafana's panel says of a failure; "" when all went well. */
  readonly failure: string;
}

export async function comparePanel(
  dashboard: string,
  panel: Panel,
  {
    grafana,
    viewer,
    range,
  }: { readonly grafana: Side; readonly viewer: Side; readonly range: Span },
): Promise<Comparison> {
  const theirPanel = grafanaPanel(grafana.page, panel.id);
  const ourPanel = viewerPanel(viewer.page, panel.id);
  const theirs = await readGrafanaPanel(theirPanel, panel.type);
  const ours = await readViewerPanel(ourPanel, panel.type);
  const isDrawn = theirs.nothing === "" && ours.nothing === "" && ours.failure === "";
  const read = isDrawn ? charts[panel.type] : undefined;
  const said = await read?.(theirPanel, ourPanel, range);
  const theirText = { ...shownText(theirs, grafana.origin), ...said?.grafana };
  const ourText = { ...shownText(ours, viewer.origin), ...said?.viewer };
  return {
    differences: listDifferences(
      { dashboard, panel: `${panel.title} (${panel.id})` },
      theirText,
      ourText,
    ),
    failure: theirs.failure,
  };
}

type ReadChart = (
  grafana: Locator,
  viewer: Locator,
  range: Span,
) => Promise<{ readonly grafana: ShownText; readonly viewer: ShownText }>;

/** How many times of a chart are compared: those at which most is shown. */
const momentCount = 4;

const charts: Readonly<Record<string, ReadChart>> = {
  async timeseries(grafana, viewer, range) {
    const said = (await hoverViewer(viewer, range, createGrid(range, 120, 1))).map(parseValues);
    const places = listMoments(said).map((timeMs) => ({ timeMs, height: 0.5 }));
    return {
      grafana: byTime((await hoverGrafana(grafana, range, places)).map(parseValues)),
      viewer: byTime((await hoverViewer(viewer, range, places)).map(parseValues)),
    };
  },
  async heatmap(grafana, viewer, range) {
    const said = (await hoverViewer(viewer, range, createGrid(range, 60, heights))).map(
      parseOurCell,
    );
    const places = listMoments(said).flatMap((timeMs) =>
      // A cell ends at the time that it is named by.
      createGrid({ fromMs: timeMs - 2_000, toMs: timeMs - 1_000 }, 1, heights),
    );
    return {
      grafana: byTime((await hoverGrafana(grafana, range, places)).map(parseTheirCell)),
      viewer: byTime((await hoverViewer(viewer, range, places)).map(parseOurCell)),
    };
  },
};

/** At how many heights a heatmap is asked: more than it has rows. */
const heights = 12;

function createGrid({ fromMs, toMs }: Span, columns: number, rows: number) {
  return Array.from({ length: columns * rows }, (_, index) => ({
    timeMs: fromMs + ((toMs - fromMs) * (Math.floor(index / rows) + 0.5)) / columns,
    height: ((index % rows) + 0.5) / rows,
  }));
}

/** What a tooltip says: a time as `2026-11-30 21:32:00`, and `completed: 0.0667 req/s`. */
interface DisplayedValues {
  readonly time: string;
  readonly values: readonly string[];
}

function splitWords(text: string): string[] {
  return text
    .split(/[\n\t]+/)
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

function parseValues(text: string): DisplayedValues {
  const [time = "", ...words] = splitWords(text);
  const pairs = words.flatMap((name, index) =>
    index % 2 === 0 ? [`${name}: ${words[index + 1] ?? ""}`] : [],
  );
  return { time, values: pairs };
}

/** `… 21:14:50 to 21:15:00`, `1 of 134 ms to 268 ms`. */
function parseOurCell(text: string): DisplayedValues {
  const [times = "", cell = ""] = splitWords(text);
  const [, count = "", upper = ""] = /^(.*) of .* to (.*)$/.exec(cell) ?? [];
  const end = / to (.*)$/.exec(times)?.[1] ?? "";
  return {
    time: `${times.slice(0, 11)}${end}`,
    values: count === "" ? [] : [`${count} in ${upper}`],
  };
}

/** The time, the bucket as a number, how many, the bucket in its unit. */
function parseTheirCell(text: string): DisplayedValues {
  const [time = "", , count = "", upper = ""] = splitWords(text);
  return { time, values: count === "" ? [] : [`${count} in ${upper}`] };
}

/** The times at which most different things are said. */
function listMoments(said: readonly DisplayedValues[]): number[] {
  const byValues = new Map<string, { timeMs: number; size: number }>();
  for (const { time, values } of said) {
    const key = values.join("\n");
    if (values.length > 0 && !byValues.has(key)) {
      const size = key.match(/[1-9]/g)?.length ?? 0;
      byValues.set(key, { timeMs: Date.parse(time.replace(" ", "T")), size });
    }
  }
  const largest = [...byValues.values()].sort((one, other) => other.size - one.size);
  return [...new Set(largest.map(({ timeMs }) => timeMs))].slice(0, momentCount);
}

/** `at 21:32:00` → what is said of then, in alphabetical order. */
function byTime(said: readonly DisplayedValues[]): ShownText {
  const moments = new Map<string, Set<string>>();
  for (const { time, values } of said) {
    if (values.length > 0) {
      const found = moments.get(time) ?? new Set();
      moments.set(time, new Set([...found, ...values]));
    }
  }
  return Object.fromEntries(
    [...moments].map(([time, values]) => [`at ${time.slice(11)}`, [...values].sort().join(" | ")]),
  );
}
