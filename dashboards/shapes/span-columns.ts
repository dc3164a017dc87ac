import type { Attribute, Contract } from "#contract";
import type { TraceqlText } from "./target.ts";

/** The columns of every table of spans, by the names that datasources have for each. */
export const ownColumns = {
  time: ["time", "Start time"],
  name: ["name", "Name"],
  duration: ["duration", "Duration"],
  status: ["status"],
  statusMessage: ["statusMessage"],
  spanId: ["spanID", "Span ID"],
  rootService: ["traceService", "Trace Service"],
  rootName: ["traceName", "Trace Name"],
} as const;

/** A table's columns, by what the datasource calls them. */
export interface SpanColumns {
  /** From left to right. */
  readonly shown: readonly string[];
  /** Those of attributes that the condition measures. */
  readonly measured: readonly string[];
  /** What says the same in every row, or nothing about it. */
  readonly leftOut: readonly string[];
}

/**
 * The columns of a search: when, where, what its condition measures, how long, how it ended, what it selects in that
 * order; then which build it was, and ids last. The datasource has them by the alphabet.
 */
export function createSpanColumns(contract: Contract, { text }: TraceqlText): SpanColumns {
  const { conditions, selected } = splitQuery(text);
  const resource = Object.entries(contract.resource.attributes);
  const isService = ([identifier]: [string, Attribute]) =>
    identifier === contract.resource.serviceName;
  const spoken = Object.entries(contract.attributes)
    .filter(([, { key }]) => mentionsKey(text, key))
    .toSorted(([, one], [, other]) => placeIn(selected, one.key) - placeIn(selected, other.key));
  const listKeys = (isWanted: (identifier: string, attribute: Attribute) => boolean) =>
    spoken.filter(([identifier, one]) => isWanted(identifier, one)).map(([, { key }]) => key);
  const isUnique = (_: string, { unique }: Attribute) => unique === true;
  // Where a table is about nothing else, an id is not last.
  const isAboutIds = spoken.every(([, { unique }]) => unique === true);
  const isMeasured = ({ key, unit }: Attribute) =>
    unit !== undefined && mentionsKey(conditions, key);
  const measured = listKeys((_, attribute) => isMeasured(attribute));
  const constant = new Set([
    ...listKeys((_, { key, values }) => values?.length === 1 || isHeldTo(conditions, key)),
    ...resource.filter(isService).map(([, { key }]) => key),
  ]);
  const shown = [
    ...ownColumns.time,
    ...ownColumns.name,
    ...(isAboutIds ? listKeys(isUnique) : []),
    ...measured,
    ...ownColumns.duration,
    ...listKeys((identifier) => identifier === contract.outcomes?.attribute),
    ...ownColumns.statusMessage,
    ...listKeys((identifier, attribute) => !isUnique(identifier, attribute)),
    ...ownColumns.status,
    ...resource.map(([, { key }]) => key),
    ...listKeys(isUnique),
    ...ownColumns.spanId,
  ];
  const leftOut = [
    ...ownColumns.rootService,
    ...ownColumns.rootName,
    ...(/(?<![\w.])name(?![\w.])/.test(selected) ? [] : ownColumns.name),
    ...constant,
  ];
  const isShown = (name: string) => !leftOut.includes(name);
  return { shown: [...new Set(shown)].filter(isShown), measured, leftOut };
}

/**
 * What stands above the columns of attributes: their names on the wire, long ones without the namespace,
 * which takes the room of what tells them apart. Not where another would be called the same.
 */
export function createHeadings(keys: readonly string[]): ReadonlyMap<string, string> {
  const shortenKey = (key: string) =>
    key.split(".").length > 2 ? key.slice(key.indexOf(".") + 1) : key;
  const called = Map.groupBy(keys, shortenKey);
  return new Map(
    keys.map((key) => [key, called.get(shortenKey(key))?.length === 1 ? shortenKey(key) : key]),
  );
}

/** What a search asks of spans, and what it shows of them besides. */
function splitQuery(text: string): { readonly conditions: string; readonly selected: string } {
  const [, conditions = text, selected = ""] = /^(.*?) \| select\(([^)]*)\)/s.exec(text) ?? [];
  return { conditions, selected };
}

/** Whether a query has an attribute by its whole name on the wire. */
function mentionsKey(text: string, key: string): boolean {
  return placeIn(text, key) !== Number.MAX_SAFE_INTEGER;
}

function placeIn(text: string, key: string): number {
  const place = text.search(new RegExp(`(?<![\\w.])(?:span|resource)\\.${escaped(key)}(?![\\w.])`));
  return place === -1 ? Number.MAX_SAFE_INTEGER : place;
}

/** Whether every span that is found has the same value of an attribute, since that was asked for. */
function isHeldTo(conditions: string, key: string): boolean {
  const isOneFilter = conditions.split("{ ").length === 2 && !conditions.includes("||");
  return isOneFilter && new RegExp(`\\.${escaped(key)} = `).test(conditions);
}

function escaped(key: string): string {
  const plain = key.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return /^[\w.]+$/.test(key) ? plain : `"${plain}"`;
}
