import type { DynamicConfigValue } from "@grafana/grafana-foundation-sdk/dashboard";

/** What a series is called and which colour it has. */
export interface SeriesName {
  /** The value of the label that tells it from the others, as the store has it. */
  readonly value: string;
  readonly name?: string;
  readonly colour?: string;
}

/** A panel whose series can be named. */
interface Named {
  overrideByRegexp(regexp: string, properties: DynamicConfigValue[]): this;
}

/** Calls series by the value of a label, whether Grafana shows it alone or among other labels. */
export function nameSeries<Panel extends Named>(panel: Panel, names: readonly SeriesName[]): Panel {
  return names.reduce(
    (named, { value, name = value, colour }) =>
      named.overrideByRegexp(`/(^|")${escaped(value)}("|$)/`, [
        { id: "displayName", value: name },
        ...(colour === undefined ? [] : [{ id: "color", value: fixedColour(colour) }]),
      ]),
    panel,
  );
}

/** Of spans that have no such attribute. */
export const unsetSeries: SeriesName = { value: "nil", name: "not set", colour: "text" };

/** Quantiles, by their part of 1. */
export const quantileSeries: readonly SeriesName[] = [
  { value: "0.5", name: "p50", colour: "super-light-blue" },
  { value: "0.95", name: "p95", colour: "blue" },
  { value: "0.99", name: "p99", colour: "dark-blue" },
];

function fixedColour(colour: string) {
  return { mode: "fixed", fixedColor: colour } as const;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
