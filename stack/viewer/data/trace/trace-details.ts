import {
  type Attribute,
  type AttributeRecord,
  type Contract,
  findContract,
  findString,
  getDuration,
  getServiceName,
  judgeServices,
  type KeyValue,
  notJudgedLines,
  rules,
  type Span,
  type SpanDefinition,
  type Value,
  type Violation,
  writeResourceSpans,
} from "#contract";
import { createWaterfall, type Waterfall } from "../waterfall.ts";

/** A violation, with what its rule says. */
export interface ExplainedViolation extends Violation {
  readonly brief: string;
}

/** What a trace's page shows of its spans. */
export interface TraceStory {
  readonly waterfall: Waterfall;
  /** In the order of the waterfall. */
  readonly violations: readonly ExplainedViolation[];
  /** Whether the contract judges any of it: it is of a service of its own, and holds a request. */
  readonly verdict: "kept" | "broken" | "not judged";
  /** Why it is not judged, or which part of it is not. */
  readonly notJudged: readonly string[];
  readonly violationsBySpan: ReadonlyMap<string, readonly ExplainedViolation[]>;
  readonly services: readonly string[];
  /** Spans of one id that another has before them: the tree has a place for one of each id. */
  readonly hiddenCount: number;
}

/** Judges the spans of one trace by the contracts of their services, and puts them into their places. */
export function traceStory(contracts: readonly Contract[], spans: readonly Span[]): TraceStory {
  const waterfall = createWaterfall(spans);
  const places = new Map(waterfall.rows.map(({ span }, place) => [span.spanId, place]));
  const getPlace = ({ spanId }: Violation) => places.get(spanId) ?? 0;
  const judgement = judgeServices(contracts, spans);
  const violations = judgement.violations
    .map((violation) => ({ ...violation, brief: getRuleMeaning(contracts, violation.rule) }))
    .sort((one, other) => getPlace(one) - getPlace(other));
  const holdsNone = judgement.judged.length > 0 && judgement.requests.length === 0;
  const isJudged = judgement.requests.length > 0;
  return {
    waterfall,
    violations,
    verdict: violations.length > 0 ? "broken" : isJudged ? "kept" : "not judged",
    notJudged: [
      ...(holdsNone ? ["It holds no request that the contract judges."] : []),
      ...notJudgedLines(judgement),
    ],
    violationsBySpan: Map.groupBy(violations, ({ spanId }) => spanId),
    services: [...new Set(spans.map((span) => getSpanService(contracts, span)))],
    hiddenCount: spans.length - waterfall.rows.length,
  };
}

function getRuleMeaning(contracts: readonly Contract[], rule: string): string {
  const general: Readonly<Record<string, string>> = rules;
  const own = contracts
    .flatMap(({ invariants }) => invariants)
    .find((invariant) => invariant.rule === rule);
  return own?.brief ?? (Object.hasOwn(general, rule) ? (general[rule] ?? "") : "");
}

/** What a resource calls its service; the contract knows under which key. */
function getSpanService([contract]: readonly Contract[], span: Span): string {
  const { attributes, serviceName = "" } = contract?.resource ?? {};
  return findString(span.resource.attributes, attributes?.[serviceName]?.key ?? "") ?? "";
}

/** The spans as a file in the form of the sample trace: OTLP JSON, the first span first. */
export function traceFile(spans: readonly Span[]): string {
  const inOrder = spans.toSorted(
    (one, other) =>
      Number(one.startTimeUnixNano - other.startTimeUnixNano) ||
      Number(getDuration(other) - getDuration(one)),
  );
  return `${JSON.stringify({ resourceSpans: writeResourceSpans(inOrder, "otlp") }, null, 2)}\n`;
}

/** Loki's query for the lines of a trace, in the form that the dashboards use. */
export function createLogQuery(contracts: readonly Contract[], traceId: string): string {
  const names = contracts.map(getServiceName);
  const [first = ""] = names;
  const selector =
    names.length === 1
      ? `service_name=${JSON.stringify(first)}`
      : `service_name=~${JSON.stringify(names.map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|"))}`;
  return `{${selector}} | trace_id="${traceId}"`;
}

/** An attribute with what the contract says about it. */
export interface AttributeRow {
  readonly key: string;
  readonly value: string;
  readonly unit: string;
  /** Undefined when the contract does not know it. */
  readonly brief: string | undefined;
}

/** A span's own attributes, in the order in which they were set. */
export function spanAttributeRows(contracts: readonly Contract[], span: Span): AttributeRow[] {
  const contract = findContract(contracts, span);
  const definition = findDefinition(contract, span);
  return createRows(span.attributes, { ...contract?.attributes, ...definition?.attributes });
}

/** Those of the program that made the span. */
export function resourceAttributeRows(contracts: readonly Contract[], span: Span): AttributeRow[] {
  const contract = findContract(contracts, span);
  return createRows(span.resource.attributes, contract?.resource.attributes ?? {});
}

/** What the contract says a span is for; undefined when it does not know it. */
export function spanMeaning(contracts: readonly Contract[], span: Span): string | undefined {
  return findDefinition(findContract(contracts, span), span)?.brief;
}

function findDefinition(contract: Contract | undefined, span: Span): SpanDefinition | undefined {
  return Object.values(contract?.spans ?? {}).find(({ name }) => name === span.name);
}

function createRows(attributes: readonly KeyValue[], known: AttributeRecord): AttributeRow[] {
  const byKey = new Map<string, Attribute>(Object.values(known).map((one) => [one.key, one]));
  return attributes.map(({ key, value }) => {
    const definition = byKey.get(key);
    return {
      key,
      value: valueText(value),
      unit: unitText(definition?.unit),
      brief: definition?.brief,
    };
  });
}

/** UCUM writes what is counted in braces: `{token}`. */
function unitText(unit: string | undefined): string {
  return unit === undefined || unit === "1" ? "" : unit.replaceAll(/[{}]/g, "");
}

/** A value of a trace for a person. What it holds may be anything: it is shown as text. */
export function valueText(value: Value): string {
  switch (value.type) {
    case "string":
      return value.value;
    case "bool":
    case "int":
    case "double":
      return String(value.value);
    case "bytes":
      return `${value.value.length} bytes`;
    case "array":
      return `[${value.value.map(valueText).join(", ")}]`;
    case "map":
      return `{${value.value.map(pairText).join(", ")}}`;
    case "empty":
      return "";
    default:
      return value satisfies never;
  }
}

function pairText({ key, value }: KeyValue): string {
  return `${key}: ${valueText(value)}`;
}
