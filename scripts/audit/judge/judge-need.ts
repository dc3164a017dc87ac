import type { KnownMetric, KnownNames, KnownTraces, Renames, Scope } from "../known/known-names.ts";
import type { Ask, Need, Span } from "../queries/need.ts";
import { isTargetLabel } from "../queries/target-labels.ts";
import { nearestName } from "./nearest-name.ts";

/** A name that nothing declares and nobody has seen. */
export interface Fault {
  readonly kind: "metric" | "label" | "label value" | "attribute" | "attribute value" | "span name";
  /** As it is written. */
  readonly name: string;
  /** Of which attribute or label it is the value, or of which metric the label. */
  readonly of?: string;
  /** The one that exists and was probably meant. */
  readonly nearest?: string;
  /** The name that a contract gives it now. */
  readonly renamedTo?: string;
  readonly at: Span;
}

export interface Judgement {
  /** Each alone empties the query. */
  readonly faults: readonly Fault[];
  /** What is missing and empties nothing. */
  readonly notes: readonly Fault[];
  /** How many names were looked at. */
  readonly judged: number;
  /** What could not be looked at, and why. */
  readonly unknown: readonly string[];
}

const nothing: Judgement = { faults: [], notes: [], judged: 0, unknown: [] };

/** Judges what a query needs by everything that is known. */
export function judgeNeed(need: Need, known: readonly KnownNames[]): Judgement {
  switch (need.type) {
    case "all":
      return together(need.parts.map((part) => judgeNeed(part, known)));
    case "any":
      return judgeAny(need.parts.map((part) => judgeNeed(part, known)));
    case "may": {
      const judged = judgeNeed(need.part, known);
      return { ...judged, faults: [], notes: [...judged.faults, ...judged.notes] };
    }
    case "unknown":
      return { ...nothing, unknown: [need.why] };
    default:
      return judgeAsk(need, known);
  }
}

function together(judgements: readonly Judgement[]): Judgement {
  return {
    faults: judgements.flatMap(({ faults }) => faults),
    notes: judgements.flatMap(({ notes }) => notes),
    judged: judgements.reduce((sum, { judged }) => sum + judged, 0),
    unknown: judgements.flatMap(({ unknown }) => unknown),
  };
}

/** One that is there is enough; a constant, which stands in for what is missing, is not one of them. */
function judgeAny(judgements: readonly Judgement[]): Judgement {
  const all = together(judgements);
  const isThere = judgements.some(
    ({ faults, judged, unknown }) => faults.length === 0 && judged + unknown.length > 0,
  );
  return isThere ? { ...all, faults: [], notes: [...all.faults, ...all.notes] } : all;
}

function judgeAsk(ask: Ask, known: readonly KnownNames[]): Judgement {
  switch (ask.type) {
    case "metric":
      return judgeMetric(ask, known);
    case "label":
    case "label value":
      return judgeLabel(ask, known);
    case "attribute":
    case "attribute value":
    case "span name":
      return judgeTraceAsk(ask, known);
    default:
      return ask satisfies never;
  }
}

const noMetrics =
  "nothing says which metrics there are: give --prometheus, --metrics or a contract with metrics";

function judgeMetric(
  { name, at }: Extract<Ask, { type: "metric" }>,
  known: readonly KnownNames[],
): Judgement {
  const sources = known.flatMap(({ metrics }) => metrics ?? []);
  if (sources.length === 0) {
    return { ...nothing, unknown: [noMetrics] };
  }
  return judgeName({
    fault: { kind: "metric", name, at },
    isKnown: sources.some(({ byName }) => byName.has(name)),
    renamedTo: findRename(known, "metrics", name),
    findNearest: () =>
      nearestName(
        name,
        sources.flatMap(({ byName }) => [...byName.keys()]),
      ),
  });
}

/** Labels that each series of a histogram or a summary has. */
const ownLabels = new Set(["le", "quantile", "__name__", "job", "instance"]);

function judgeLabel(
  ask: Extract<Ask, { type: "label" | "label value" }>,
  known: readonly KnownNames[],
): Judgement {
  const name = ask.type === "label" ? ask.name : ask.label;
  const sources = known.flatMap(({ metrics }) => metrics ?? []);
  const isPutOn = isTargetLabel(name) && !sources.some(({ hasTargetLabels }) => hasTargetLabels);
  const metrics = sources.flatMap(({ byName }): readonly KnownMetric[] =>
    ask.metrics.length === 0
      ? [...byName.values()]
      : ask.metrics.flatMap((metric) => byName.get(metric) ?? []),
  );
  // Of a metric that is not there, that is said and nothing of its labels.
  if (ownLabels.has(name) || isPutOn || metrics.length === 0) {
    return nothing;
  }
  if (ask.type === "label value") {
    return judgeLabelValue(ask, metrics);
  }
  const [of] = ask.metrics;
  return judgeName({
    fault: { kind: "label", name, ...(of === undefined ? {} : { of }), at: ask.at },
    isKnown: metrics.some(({ labels }) => labels === "any" || labels.has(name)),
    renamedTo: findRename(known, "labels", name),
    findNearest: () =>
      nearestName(
        name,
        new Set(metrics.flatMap(({ labels }) => (labels === "any" ? [] : [...labels]))),
      ),
  });
}

function judgeLabelValue(
  { label, values, at }: Extract<Ask, { type: "label value" }>,
  metrics: readonly KnownMetric[],
): Judgement {
  const allowed = allowedValues(
    metrics.map((metric) => ({ closed: metric.values.get(label), seen: metric.seen?.get(label) })),
  );
  return judgeValue({ kind: "label value", of: label, values, allowed, at });
}

interface ValueLists {
  /** Those that a contract allows. */
  readonly closed: readonly string[] | undefined;
  /** Those that a store has. */
  readonly seen: readonly string[] | undefined;
}

/** Undefined where any value may be: nothing closes the list, or something says nothing of it. */
function allowedValues(lists: readonly ValueLists[]): readonly string[] | undefined {
  const isClosed = lists.some(({ closed }) => closed !== undefined);
  const isOpen = lists.some(({ closed, seen }) => closed === undefined && seen === undefined);
  return isClosed && !isOpen
    ? lists.flatMap(({ closed = [], seen = [] }) => [...closed, ...seen])
    : undefined;
}

interface AskedValue {
  readonly kind: "label value" | "attribute value";
  readonly of: string;
  readonly values: readonly string[];
  readonly allowed: readonly string[] | undefined;
  readonly at: Span;
}

function judgeValue({ kind, of, values, allowed, at }: AskedValue): Judgement {
  if (allowed === undefined || values.some((value) => allowed.includes(value))) {
    return nothing;
  }
  const [name = ""] = values;
  const nearest =
    nearestName(name, allowed) ?? (new Set(allowed).size === 1 ? allowed[0] : undefined);
  return faulty({ kind, name, of, ...near(nearest), at });
}

type TraceAsk = Extract<Ask, { type: "attribute" | "attribute value" | "span name" }>;

const noTraces = "nothing says which spans there are: give --tempo or a contract";

function judgeTraceAsk(ask: TraceAsk, known: readonly KnownNames[]): Judgement {
  const sources = known.flatMap(({ traces }) => traces ?? []);
  if (sources.length === 0) {
    return { ...nothing, unknown: [noTraces] };
  }
  switch (ask.type) {
    case "attribute":
      return judgeAttribute(ask, sources, known);
    case "attribute value":
      return judgeAttributeValue(ask, sources);
    case "span name": {
      const names = sources.flatMap(({ spanNames }) => [...spanNames]);
      const [name = ""] = ask.values;
      return judgeName({
        fault: { kind: "span name", name, at: ask.at },
        isKnown: ask.values.some((value) => names.includes(value)),
        renamedTo: findRename(known, "spanNames", name),
        findNearest: () => nearestName(name, names),
      });
    }
    default:
      return ask satisfies never;
  }
}

interface NamedAsk {
  readonly fault: Fault;
  readonly isKnown: boolean;
  readonly renamedTo: string | undefined;
  readonly findNearest: () => string | undefined;
}

/** What is renamed may be there still: then nothing is empty yet, but it will be. */
function judgeName({ fault, isKnown, renamedTo, findNearest }: NamedAsk): Judgement {
  if (renamedTo !== undefined) {
    const renamed = { ...fault, nearest: renamedTo, renamedTo };
    return isKnown ? { ...nothing, notes: [renamed], judged: 1 } : faulty(renamed);
  }
  return isKnown ? { ...nothing, judged: 1 } : faulty({ ...fault, ...near(findNearest()) });
}

function findRename(
  known: readonly KnownNames[],
  kind: keyof Renames,
  name: string,
): string | undefined {
  return known.map(({ renames }) => renames?.[kind].get(name)).find((now) => now !== undefined);
}

const scopes = ["span", "resource", "event", "link", "instrumentation"] as const;

function judgeAttribute(
  { scope, name, at }: Extract<Ask, { type: "attribute" }>,
  sources: readonly KnownTraces[],
  known: readonly KnownNames[],
): Judgement {
  const asked: readonly Scope[] = scope === "any" ? ["span", "resource"] : [scope];
  const keysOf = (one: Scope) =>
    sources.flatMap(({ attributes }) => [...(attributes.get(one) ?? [])]);
  const prefix = scope === "any" ? "." : `${scope}.`;
  const renamedTo = asked
    .map((one) => findRename(known, "attributes", `${one}.${name}`))
    .find((now) => now !== undefined);
  return judgeName({
    fault: { kind: "attribute", name: `${prefix}${name}`, at },
    isKnown:
      asked.some((one) => keysOf(one).includes(name)) ||
      sources.some(({ mayHave }) => mayHave?.(name) === true),
    renamedTo: withPrefix(prefix, renamedTo),
    findNearest: () => {
      const elsewhere = scopes.find((one) => keysOf(one).includes(name));
      return elsewhere === undefined
        ? withPrefix(prefix, nearestName(name, asked.flatMap(keysOf)))
        : `${elsewhere}.${name}`;
    },
  });
}

function withPrefix(prefix: string, name: string | undefined): string | undefined {
  return name === undefined ? undefined : `${prefix}${name}`;
}

function judgeAttributeValue(
  { scope, name, values, at }: Extract<Ask, { type: "attribute value" }>,
  sources: readonly KnownTraces[],
): Judgement {
  const asked: readonly Scope[] = scope === "any" ? ["span", "resource"] : [scope];
  const allowed = allowedValues(
    sources.flatMap(({ attributes, values: closed, seen }) =>
      asked
        .filter((one) => attributes.get(one)?.has(name))
        .map((one) => `${one}.${name}`)
        .map((key) => ({ closed: closed.get(key), seen: seen?.get(key) })),
    ),
  );
  const of = scope === "any" ? `.${name}` : `${scope}.${name}`;
  return judgeValue({ kind: "attribute value", of, values, allowed, at });
}

function near(nearest: string | undefined): { nearest?: string } {
  return nearest === undefined ? {} : { nearest };
}

function faulty(fault: Fault): Judgement {
  return { ...nothing, faults: [fault], judged: 1 };
}
