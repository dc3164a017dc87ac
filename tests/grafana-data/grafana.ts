/** For tests: Grafana's own code, which shows frames in panels as a Grafana does. */
import { createRequire } from "node:module";
import type {
  DataFrame,
  DataTransformerConfig,
  FieldConfigPropertyItem,
  FieldConfigSource,
  Field as GrafanaField,
  GrafanaTheme2,
  LinkModel,
} from "@grafana/data";
import { resolveColour, seriesColour } from "../../stack/viewer/data/colours.ts";
import type { PanelJson } from "../../stack/viewer/data/dashboard.ts";
import type { Frame } from "../../stack/viewer/data/frame.ts";
import { interpolate } from "../../stack/viewer/data/interpolation.ts";
import { createInterpolation, type LinkContext } from "../../stack/viewer/data/links.ts";

// Its modules for import ask CommonJS packages for names that these do not show; those for require work.
export const grafana: typeof import("@grafana/data") = createRequire(import.meta.url)(
  "@grafana/data",
);

// It runs without a page, but looks whether one is there.
Object.assign(globalThis, { window: globalThis });
Object.assign(globalThis, { location: new URL("http://grafana.invalid/") });

grafana.standardTransformersRegistry.setInit(() =>
  // One of them is there under an older name as well.
  [...new Set(Object.values(grafana.standardTransformers))].map((transformation) => ({
    ...transformation,
    transformation: () => Promise.resolve(transformation as never),
    editor: (() => null) as never,
    imageDark: "",
    imageLight: "",
  })),
);

/** Grafana's theme, in the viewer's colours: these are its own, by the same names. */
function themeInViewersColours(): GrafanaTheme2 {
  const theme = grafana.createTheme({ colors: { mode: "dark" } });
  theme.visualization.getColorByName = (name) => resolveColour(name, "dark");
  theme.visualization.palette = Array.from({ length: 60 }, (_, index) =>
    seriesColour(index, "dark"),
  );
  return theme;
}

export const theme = themeInViewersColours();

/** What a panel shows of its own; nothing of it is configured by fields. */
const withoutStandardOptions: readonly string[] = ["heatmap", "logs", "traces"];
const colouredByPalette: readonly string[] = ["timeseries", "barchart", "piechart"];

const always = () => true;
const numbers = ({ type }: GrafanaField) => type === "number";
const process = {
  text: grafana.stringOverrideProcessor,
  number: grafana.numberOverrideProcessor,
  any: grafana.identityOverrideProcessor,
  name: grafana.displayNameOverrideProcessor,
};

/** The properties that fields of most panels have, and which fields. As seen in a Grafana 12.2. */
const standardProperties: readonly (readonly [
  id: string,
  process: keyof typeof process,
  appliesTo: (field: GrafanaField) => boolean,
])[] = [
  ["displayName", "name", always],
  ["unit", "any", always],
  ["min", "number", numbers],
  ["max", "number", numbers],
  ["decimals", "number", numbers],
  ["noValue", "text", always],
  ["color", "any", always],
  ["thresholds", "any", always],
  ["mappings", "any", ({ type }) => type !== "time"],
  ["links", "any", always],
];

function propertyItem(
  path: string,
  isCustom: boolean,
  processor: keyof typeof process,
  shouldApply: (field: GrafanaField) => boolean,
): FieldConfigPropertyItem {
  return {
    id: isCustom ? `custom.${path}` : path,
    path,
    isCustom,
    name: path,
    process: process[processor] as never,
    shouldApply,
    override: (() => null) as never,
    editor: (() => null) as never,
  };
}

function createRegistry({ type, fieldConfig }: PanelJson) {
  const { defaults = {}, overrides = [] } = fieldConfig ?? {};
  // Which of a panel's own properties there are is what the check by Grafana's schema is for.
  const custom = new Set([
    ...Object.keys(defaults.custom ?? {}),
    ...overrides
      .flatMap(({ properties }) => properties.map(({ id }) => id))
      .filter((id) => id.startsWith("custom."))
      .map((id) => id.slice("custom.".length)),
  ]);
  const standard = withoutStandardOptions.includes(type) ? [] : standardProperties;
  return new grafana.FieldConfigOptionsRegistry(() => [
    ...standard.map(([id, processor, appliesTo]) => propertyItem(id, false, processor, appliesTo)),
    ...[...custom].map((path) => propertyItem(path, true, "any", always)),
  ]);
}

/** What a panel of a type has where its dashboard says nothing. */
function withPanelDefaults({ type, fieldConfig }: PanelJson): FieldConfigSource {
  const { defaults = {}, overrides = [] } = structuredClone(fieldConfig ?? {});
  const steps = [
    { value: -Infinity, color: "green" },
    { value: 80, color: "red" },
  ];
  const mode = colouredByPalette.includes(type) ? "palette-classic" : "thresholds";
  const usual = withoutStandardOptions.includes(type)
    ? {}
    : { color: { mode }, thresholds: { mode: "absolute", steps } };
  return { defaults: { ...usual, ...defaults }, overrides } as unknown as FieldConfigSource;
}

/** A value's text as Grafana replaces variables in links and names, on the value of a row or on none. */
function replacer(context: LinkContext) {
  return (text: string, scoped?: Record<string, { value?: unknown } | undefined>): string => {
    const on = scoped?.__dataContext?.value as
      | { frame: DataFrame; field: GrafanaField; rowIndex?: number }
      | undefined;
    const { variables, builtIn } = createInterpolation(context);
    return interpolate(text, {
      variables,
      builtIn: (path, format) => {
        const value = on === undefined ? undefined : valueAt(path, on);
        if (value === undefined) {
          return builtIn?.(path, format);
        }
        return format === "percentencode" ? encodeURIComponent(value) : value;
      },
    });
  };
}

function valueAt(
  path: string,
  { frame, field, rowIndex = 0 }: { frame: DataFrame; field: GrafanaField; rowIndex?: number },
): string | undefined {
  const [, bracketed, dotted] = /^__data\.fields(?:\[["']?(.*?)["']?\]|\.(\w+))$/.exec(path) ?? [];
  const name = bracketed ?? dotted;
  if (name !== undefined) {
    const row = grafana.getFieldDisplayValuesProxy({ frame, rowIndex });
    return row[name] === undefined ? undefined : String(row[name]);
  }
  return path === "__value.raw" ? String(field.values[rowIndex]) : undefined;
}

function toGrafana({ name, fields }: Frame): DataFrame {
  return grafana.toDataFrame({ name, fields: structuredClone(fields) });
}

/** The frames of a panel, transformed and configured as Grafana does it. */
export async function preparedByGrafana(
  panel: PanelJson,
  frames: readonly Frame[],
  context: LinkContext,
): Promise<DataFrame[]> {
  const { transformations = [] } = panel;
  const unknown = transformations.find(
    ({ id }) => grafana.standardTransformersRegistry.getIfExists(id) === undefined,
  );
  if (unknown !== undefined) {
    throw new RangeError(`Grafana has no transformation ${unknown.id}.`);
  }
  const configs = structuredClone(transformations) as unknown as DataTransformerConfig[];
  const transformed = await new Promise<DataFrame[]>((resolve, reject) => {
    grafana
      .transformDataFrame(configs, frames.map(toGrafana))
      .subscribe({ next: resolve, error: reject });
  });
  return grafana.applyFieldOverrides({
    data: transformed,
    fieldConfig: withPanelDefaults(panel),
    fieldConfigRegistry: createRegistry(panel),
    replaceVariables: replacer(context) as never,
    theme,
    timeZone: "browser",
  });
}

/** The numbers of a stat or a bar gauge. */
export function numbersByGrafana(panel: PanelJson, frames: DataFrame[], context: LinkContext) {
  return grafana.getFieldDisplayValues({
    data: frames,
    fieldConfig: withPanelDefaults(panel),
    reduceOptions: panel.options?.reduceOptions as never,
    replaceVariables: replacer(context) as never,
    theme,
    timeZone: "browser",
  });
}

export type GrafanaLink = LinkModel;
