import type { LinkJson, RawRange } from "./dashboard.ts";
import { type Cell, type Field, type Frame, getDisplayName } from "./frame.ts";
import {
  type Interpolation,
  interpolate,
  queryParameters,
  type VariableValue,
} from "./interpolation.ts";
import type { TimeRange } from "./time-range.ts";

/** What links and queries are completed with. */
export interface LinkContext {
  readonly variables: ReadonlyMap<string, VariableValue>;
  readonly raw: RawRange;
  readonly range: TimeRange;
}

/** The value on which a link stands. */
export interface LinkedValue {
  readonly frame: Frame;
  readonly field: Field;
  readonly row: number;
}

export interface Link {
  readonly title: string;
  readonly href: string;
  readonly isNewTab: boolean;
}

/**
 * An address that may be followed: of this page's own paths, or http and https. Anything else, such as
 * `javascript:`, is undefined.
 */
export function safeAddress(address: string): string | undefined {
  const trimmed = address.trim();
  if (/^\/(?![/\\])/.test(trimmed) || /^[?#]/.test(trimmed)) {
    return trimmed;
  }
  if (!URL.canParse(trimmed)) {
    return undefined;
  }
  const { protocol } = new URL(trimmed);
  return protocol === "http:" || protocol === "https:" ? trimmed : undefined;
}

/** The links of a field, for one of its values. Those that may not be followed are left out. */
export function dataLinks(context: LinkContext, linked: LinkedValue): Link[] {
  return (linked.field.config.links ?? []).flatMap(
    (json) => createLink(json, context, linked) ?? [],
  );
}

/** A link of a dashboard's or a panel's list. */
export function createLink(
  { title, url = "", targetBlank, includeVars, keepTime }: LinkJson,
  context: LinkContext,
  linked?: LinkedValue,
): Link | undefined {
  const interpolation = createInterpolation(context, linked);
  const parameters = [
    ...(keepTime === true ? [timeParameters(context)] : []),
    ...(includeVars === true ? [variableParameters(context)] : []),
  ].filter((part) => part !== "");
  const address = interpolate(url, interpolation);
  const joint = address.includes("?") ? "&" : "?";
  const href = safeAddress(
    parameters.length === 0 ? address : `${address}${joint}${parameters.join("&")}`,
  );
  return href === undefined
    ? undefined
    : { title: interpolate(title, interpolation) || href, href, isNewTab: targetBlank === true };
}

/** `from=…&to=…` as it is written, so that "the last hour" stays the last hour. */
function timeParameters({ raw }: Pick<LinkContext, "raw">): string {
  return `from=${encodeURIComponent(raw.from)}&to=${encodeURIComponent(raw.to)}`;
}

function variableParameters({ variables }: Pick<LinkContext, "variables">): string {
  return [...variables]
    .filter(([, { isHidden }]) => isHidden !== true)
    .map(([name, value]) => queryParameters(name, value))
    .join("&");
}

/** What variables stand for in a link, on a value or on none. */
export function createInterpolation(context: LinkContext, linked?: LinkedValue): Interpolation {
  return {
    variables: context.variables,
    builtIn: (path, format) => {
      const value =
        ofContext(path, context) ?? (linked === undefined ? undefined : ofValue(path, linked));
      return format === "percentencode" && value !== undefined ? encodeURIComponent(value) : value;
    },
  };
}

function ofContext(path: string, context: LinkContext): string | undefined {
  const { range } = context;
  switch (path) {
    case "__from":
      return String(range.fromMs);
    case "__to":
      return String(range.toMs);
    case "__url_time_range":
      return timeParameters(context);
    case "__all_variables":
      return variableParameters(context);
    case "__range":
    case "__range_s": {
      const seconds = Math.round((range.toMs - range.fromMs) / 1000);
      return path === "__range" ? `${seconds}s` : String(seconds);
    }
    case "__range_ms":
      return String(range.toMs - range.fromMs);
    default:
      return undefined;
  }
}

function ofValue(path: string, { frame, field, row }: LinkedValue): string | undefined {
  const name = fieldNameIn(path);
  if (name !== undefined) {
    const other = frame.fields.find(
      (candidate) => candidate.name === name || getDisplayName(candidate) === name,
    );
    return other === undefined ? "" : formatCell(other.values[row]);
  }
  if (path.startsWith("__field.labels.")) {
    return field.labels?.[path.slice("__field.labels.".length)] ?? "";
  }
  switch (path) {
    case "__value.raw":
    case "__value.text":
    case "__value.numeric":
      return formatCell(field.values[row]);
    case "__value.time":
      return formatCell(frame.fields.find(({ type }) => type === "time")?.values[row]);
    case "__field.name":
    case "__series.name":
      return getDisplayName(field);
    default:
      return undefined;
  }
}

function fieldNameIn(path: string): string | undefined {
  const [, bracketed] = /^__data\.fields\[["']?([^"'\]]*)["']?\]$/.exec(path) ?? [];
  const [, dotted] = /^__data\.fields\.(\w+)$/.exec(path) ?? [];
  return bracketed ?? dotted;
}

/** A value of a trace may be anything: in an address it is only ever a part of a parameter. */
function formatCell(value: Cell | undefined): string {
  return value === null || value === undefined ? "" : encodeURIComponent(String(value));
}
