import type { FieldConfig, FieldConfigSource, OverrideJson } from "./dashboard.ts";
import { type Field, type Frame, getDisplayName } from "./frame.ts";

export interface Configured {
  readonly frames: readonly Frame[];
  /** What of the configuration the viewer does not know, a sentence each. */
  readonly unknown: readonly string[];
}

/** Puts a panel's field configuration on the fields: the defaults, then each override that matches. */
export function configureFields(
  frames: readonly Frame[],
  { defaults = {}, overrides = [] }: FieldConfigSource = {},
): Configured {
  const unknown = new Set<string>();
  const matchers = overrides.map((override) => ({
    override,
    matches: createMatcher(override, unknown),
  }));
  const configured = frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      const under = withDefaults(field, defaults);
      // Overrides match the name that a field has before any of them.
      const named = { ...field, config: under };
      const config = matchers
        .filter(({ matches }) => matches(named))
        .flatMap(({ override }) => override.properties)
        .reduce((before, { id, value }) => withProperty(before, id, value, unknown), under);
      noteUnknown({ ...field, config }, unknown);
      return { ...field, config };
    }),
  }));
  return { frames: configured, unknown: [...unknown] };
}

const knownColours: readonly string[] = ["fixed", "thresholds", "palette-classic"];

/** Grafana takes the limits from the data where a field has none. */
function noteUnknown({ type, config }: Field, unknown: Set<string>): void {
  const { thresholds, min, max, color } = config;
  const hasLimits = type !== "number" || (min !== undefined && max !== undefined);
  if (thresholds?.mode === "percentage" && !hasLimits) {
    unknown.add("Thresholds in percent need a min and a max here: they colour nothing.");
  }
  if (color !== undefined && !knownColours.includes(color.mode)) {
    unknown.add(`Colours by ${color.mode} are left out here.`);
  }
}

/** What a datasource says of a field beats the panel's defaults; links of both are there. */
function withDefaults({ type, config }: Field, defaults: FieldConfig): FieldConfig {
  const { min, max, decimals, mappings, ...forAll } = defaults;
  const forNumbers = pickDefined({ min, max, decimals });
  return {
    ...forAll,
    ...(type === "time" ? {} : pickDefined({ mappings })),
    ...(type === "number" ? forNumbers : {}),
    ...config,
    ...mergeLinks(config.links, defaults.links),
    custom: { ...defaults.custom, ...config.custom },
  };
}

function pickDefined<Values extends object>(values: Values): Partial<Values> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Partial<Values>;
}

function mergeLinks(own: FieldConfig["links"] = [], others: FieldConfig["links"] = []) {
  return own.length + others.length === 0 ? {} : { links: [...own, ...others] };
}

type Matches = (field: Field) => boolean;

function createMatcher({ matcher }: OverrideJson, unknown: Set<string>): Matches {
  const wanted = String(matcher.options ?? "");
  switch (matcher.id) {
    case "byName":
      return (field) => [field.name, getDisplayName(field)].includes(wanted);
    case "byRegexp": {
      const pattern = parsePattern(wanted);
      if (pattern === undefined) {
        unknown.add(`The pattern ${wanted} of an override is none.`);
        return () => false;
      }
      return (field) => pattern.test(getDisplayName(field));
    }
    case "byType":
      return ({ type }) => type === wanted;
    default:
      unknown.add(`Overrides ${matcher.id} are left out here.`);
      return () => false;
  }
}

/** `/pattern/flags`, or a pattern for the whole name. */
export function parsePattern(text: string): RegExp | undefined {
  const [, body = `^${text}$`, flags = ""] = /^\/(.*)\/([dgimsuy]*)$/s.exec(text) ?? [];
  try {
    return new RegExp(body, flags);
  } catch {
    return undefined;
  }
}

const known: ReadonlySet<string> = new Set([
  "displayName",
  "unit",
  "decimals",
  "min",
  "max",
  "noValue",
  "color",
  "thresholds",
  "mappings",
  "links",
] satisfies (keyof FieldConfig)[]);

function withProperty(
  config: FieldConfig,
  id: string,
  value: unknown,
  unknown: Set<string>,
): FieldConfig {
  if (id.startsWith("custom.")) {
    const [, ...path] = id.split(".");
    return { ...config, custom: withPath(config.custom ?? {}, path, value) };
  }
  if (!known.has(id)) {
    unknown.add(`The property ${id} of an override is left out here.`);
    return config;
  }
  // What an override adds to a list comes before what is there.
  const before = config[id as keyof FieldConfig];
  const isAdded = Array.isArray(value) && Array.isArray(before);
  return { ...config, [id]: isAdded ? [...value, ...before] : value };
}

function withPath(
  object: Readonly<Record<string, unknown>>,
  [key = "", ...rest]: readonly string[],
  value: unknown,
): Record<string, unknown> {
  const inner = object[key];
  const under = typeof inner === "object" && inner !== null ? { ...inner } : {};
  return { ...object, [key]: rest.length === 0 ? value : withPath(under, rest, value) };
}
