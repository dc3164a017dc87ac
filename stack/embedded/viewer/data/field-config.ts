import type { FieldConfig, FieldConfigSource, OverrideJson } from "./dashboard.ts";
import { type Field, type Frame, ownNameOf } from "./frame.ts";

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
    matches: matcherOf(override, unknown),
  }));
  const configured = frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      const own = merge(withoutNames(defaults, field), field.config);
      const config = matchers
        .filter(({ matches }) => matches(field, frame))
        .flatMap(({ override }) => override.properties)
        .reduce((before, { id, value }) => withProperty(before, id, value, unknown), own);
      noteThresholds(config, unknown);
      return { ...field, config };
    }),
  }));
  return { frames: configured, unknown: [...unknown] };
}

/** Grafana takes the limits from the data where a field has none. */
function noteThresholds({ thresholds, min, max }: FieldConfig, unknown: Set<string>): void {
  const hasLimits = min !== undefined && max !== undefined;
  if (thresholds?.mode === "percentage" && !hasLimits) {
    unknown.add("Thresholds in percent need a min and a max here: they colour nothing.");
  }
}

/** The name that a panel gives its values is not one for their times. */
function withoutNames(defaults: FieldConfig, field: Field): FieldConfig {
  if (field.type !== "time" || defaults.displayName === undefined) {
    return defaults;
  }
  const { displayName, ...others } = defaults;
  return others;
}

function merge(under: FieldConfig, over: FieldConfig): FieldConfig {
  return { ...under, ...over, custom: { ...under.custom, ...over.custom } };
}

type Matches = (field: Field, frame: Frame) => boolean;

function matcherOf({ matcher }: OverrideJson, unknown: Set<string>): Matches {
  const wanted = String(matcher.options ?? "");
  switch (matcher.id) {
    case "byName":
      return (field, frame) =>
        [field.name, field.config.displayName, ownNameOf(frame, field)].includes(wanted);
    case "byRegexp": {
      const pattern = patternOf(wanted);
      if (pattern === undefined) {
        unknown.add(`The pattern ${wanted} of an override is none.`);
        return () => false;
      }
      return (field, frame) => field.type !== "time" && pattern.test(ownNameOf(frame, field));
    }
    case "byType":
      return ({ type }) => type === wanted;
    default:
      unknown.add(`Overrides ${matcher.id} are left out here.`);
      return () => false;
  }
}

/** `/pattern/flags`, or a pattern alone. */
function patternOf(text: string): RegExp | undefined {
  const [, body = text, flags = ""] = /^\/(.*)\/([dimsu]*)$/s.exec(text) ?? [];
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
  return { ...config, [id]: value };
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
