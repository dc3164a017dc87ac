import type { DynamicConfigValue } from "@grafana/grafana-foundation-sdk/dashboard";

/** What a series is called and how it looks. */
export interface SeriesName {
  /** The value of the label that tells it from the others, as the store has it. */
  readonly value: string;
  readonly name?: string;
  readonly colour?: string;
  /** Thin and dashed, so that it is told from the others without its colour. */
  readonly isDashed?: boolean;
}

/** A panel whose series can be named. */
interface Named {
  overrideByRegexp(regexp: string, properties: DynamicConfigValue[]): this;
}

/** Calls series by the value of a label, whether Grafana shows it alone or among other labels. */
export function nameSeries<Panel extends Named>(panel: Panel, names: readonly SeriesName[]): Panel {
  return names.reduce(
    (named, { value, name = value, colour, isDashed = false }) =>
      named.overrideByRegexp(`/(^|")${escaped(value)}("|$)/`, [
        { id: "displayName", value: name },
        ...(colour === undefined ? [] : [{ id: "color", value: fixedColour(colour) }]),
        ...(isDashed ? dashed : []),
      ]),
    panel,
  );
}

const dashed: readonly DynamicConfigValue[] = [
  { id: "custom.lineStyle", value: { fill: "dash", dash: [6, 4] } },
  { id: "custom.lineWidth", value: 1 },
];

/** Of spans that have no such attribute. */
export const unsetSeries: SeriesName = { value: "nil", name: "not set", colour: "text" };

/** What a query has that measures one field, by the name of its function. */
export const meanSeries: SeriesName = { value: "avg_over_time", name: "mean" };
export const maximumSeries: SeriesName = {
  value: "max_over_time",
  name: "max",
  colour: "dark-orange",
};

/**
 * Quantiles, by their part of 1. TraceQL estimates them, and the one that stands beside the largest looks
 * so. Blue and orange every eye tells apart.
 */
export const quantileSeries: readonly SeriesName[] = [
  { value: "0.5", name: "≈ p50", colour: "blue" },
  { value: "0.95", name: "≈ p95", colour: "orange", isDashed: true },
];

/** The same of a histogram in Prometheus, whose buckets are made for what they hold. */
export const histogramSeries: readonly SeriesName[] = [
  { value: "0.5", name: "p50", colour: "blue" },
  { value: "0.95", name: "p95", colour: "orange" },
  { value: "0.99", name: "p99", colour: "text", isDashed: true },
];

function fixedColour(colour: string) {
  return { mode: "fixed", fixedColor: colour } as const;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
