import {
  type Attribute,
  type Contract,
  getRootSpan,
  grafanaUnit,
  listHighlights,
  traceql,
} from "#contract";
import type { FieldConfig } from "../dashboard.ts";
import type { Field, Frame } from "../frame.ts";
import type { MetricsAnswer } from "../tempo-answers.ts";

/** The requests of a service, the newest first, with what a person looks for first. */
export function createNewestQuery(contract: Contract): string {
  const requests = traceql(contract).spans(getRootSpan(contract).identifier);
  const [first, ...more] = listColumns(contract);
  const asked = first === undefined ? requests : requests.select(first, ...more);
  return asked.with({ mostRecent: true }).text;
}

/** How many requests there are in a second, by how they ended where the contract says so. */
export function createRateQuery(contract: Contract): string {
  const rate = traceql(contract).spans(getRootSpan(contract).identifier).rate();
  const { outcomes } = contract;
  return (outcomes === undefined ? rate : rate.by(outcomes.attribute)).text;
}

/** Finds the request of a trace as soon as it is stored. */
export function createTraceQuery(contract: Contract, traceId: string): string {
  return traceql(contract).spans(getRootSpan(contract).identifier, (_, span) =>
    span.traceId.eq(traceId),
  ).text;
}

/** As on the dashboards: green went well, red failed, and purple was given up. */
const treeColours = {
  complete: "green",
  rejected: "dark-yellow",
  failed: "red",
  interrupted: "purple",
} as const;

function outcomeConfig({ outcomes }: Pick<Contract, "outcomes">): FieldConfig {
  const options = Object.fromEntries(
    Object.entries(outcomes?.byName ?? {}).map(([name, { tree }]) => [
      name,
      { color: treeColours[tree] },
    ]),
  );
  return {
    mappings: [{ type: "value", options }],
    custom: { cellOptions: { type: "color-text" } },
  };
}

/** More do not fit beside when, how long and which trace. */
const mostColumns = 5;

/** Identifiers of the root's attributes that a person looks for first. */
function listColumns(contract: Contract): string[] {
  return listHighlights(contract, getRootSpan(contract)).slice(0, mostColumns);
}

/** The table with the columns that a person looks for. The first leads where the trace does. */
export function readableRequests(contract: Contract, { fields }: Frame): Frame {
  const byName = new Map(fields.map((field) => [field.name, field]));
  const { links = [] } = byName.get("trace")?.config ?? {};
  const shown = tableColumns(contract).flatMap(([name, displayName, more], index): Field[] => {
    const field = byName.get(name);
    const config = { ...field?.config, displayName, ...more, ...(index === 0 ? { links } : {}) };
    return field === undefined ? [] : [{ ...field, config }];
  });
  const ids = fields.filter(({ name }) => name === "traceIdHidden" || name === "spanID");
  return { fields: [...shown, ...ids] };
}

type Column = readonly [name: string, title: string, more?: FieldConfig];

/** What is known of a request, in the order in which it is read; the names are those of a search. */
function tableColumns(contract: Contract): readonly Column[] {
  const { attributes } = getRootSpan(contract);
  const columns = listColumns(contract).flatMap((identifier): Column[] => {
    const attribute = attributes[identifier];
    return attribute === undefined
      ? []
      : [[attribute.key, toTitle(identifier), columnConfig(contract, identifier, attribute)]];
  });
  const outcome = columns.filter(([name]) => name === getOutcomeKey(contract));
  const others = columns.filter((column) => !outcome.includes(column));
  return [["time", "Started"], ...outcome, ["duration", "Duration"], ...others, ["trace", "Trace"]];
}

function getOutcomeKey(contract: Contract): string | undefined {
  return getRootSpan(contract).attributes[contract.outcomes?.attribute ?? ""]?.key;
}

function columnConfig(
  contract: Contract,
  identifier: string,
  { unit, type }: Attribute,
): FieldConfig {
  if (identifier === contract.outcomes?.attribute) {
    return outcomeConfig(contract);
  }
  return unit === undefined || type === "string" ? {} : { unit: grafanaUnit(unit) };
}

/** `timeToFirstTokenUs` → `Time to first token`: the column's unit is beside its numbers. */
function toTitle(identifier: string): string {
  const words = identifier
    .replace(/(Ns|Us|Ms)$/, "")
    .replaceAll(
      /([a-z0-9])([A-Z])/g,
      (_, before: string, capital: string) => `${before} ${capital.toLowerCase()}`,
    );
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What an instant query counted, over all its series. */
export function countIn({ series = [] }: MetricsAnswer): number {
  return series.reduce((sum, { value = 0 }) => {
    const number = Number(value);
    return Number.isFinite(number) ? sum + number : sum;
  }, 0);
}

/** What the viewer's server tells its page about the server that makes the traces. */
export interface ServerState {
  /** `none` where the stack runs without one; `not ready` while it loads its model or stops. */
  readonly state: "none" | "ready" | "not ready" | "unreachable";
}

/** What came of a sample request. */
export interface SampleReport {
  /** Null when the answer named no trace. */
  readonly traceId: string | null;
  readonly durationMs: number;
  readonly completionTokens: number | null;
}
