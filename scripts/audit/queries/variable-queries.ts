import type { BoardVariable } from "../boards/board-variable.ts";
import { holdsVariable } from "./expand.ts";
import { allOf, type Need, type Span, type TakenApart } from "./need.ts";
import { takePromqlApart } from "./promql-needs.ts";

type Variables = ReadonlyMap<string, BoardVariable>;

/** What a variable asks a Prometheus for: `label_values(metric{…}, label)` and its like. */
export function takePrometheusVariableApart(query: string, variables: Variables): TakenApart {
  const [, name = "", inner = ""] = /^\s*(\w+)\s*\(([\s\S]*)\)\s*$/.exec(query) ?? [];
  const offset = query.indexOf("(") + 1;
  switch (name) {
    case "label_values":
      return takeLabelValuesApart(query, inner, offset, variables);
    case "query_result":
      return moved(takePromqlApart(inner, variables), offset);
    case "metrics":
    case "label_names":
      return { type: "not judged", why: "it lists whatever there is" };
    default:
      return takePromqlApart(query, variables);
  }
}

function takeLabelValuesApart(
  query: string,
  inner: string,
  offset: number,
  variables: Variables,
): TakenApart {
  const comma = inner.lastIndexOf(",");
  const label = inner.slice(comma + 1).trim();
  const at = labelPlace(query, label);
  if (!/^\w+$/.test(label) || holdsVariable(label)) {
    return { type: "not judged", why: "a variable stands for the label" };
  }
  if (comma < 0) {
    return { type: "needs", need: { type: "label", name: label, metrics: [], at } };
  }
  const selected = moved(takePromqlApart(inner.slice(0, comma), variables), offset);
  if (selected.type !== "needs") {
    return selected;
  }
  const metrics = metricsOf(selected.need);
  const need: Need = { type: "label", name: label, metrics, at };
  return { ...selected, need: metrics.length === 0 ? selected.need : allOf([selected.need, need]) };
}

function labelPlace(query: string, label: string): Span {
  const from = Math.max(0, query.lastIndexOf(label));
  return { from, to: from + label.length };
}

function metricsOf(need: Need): string[] {
  switch (need.type) {
    case "metric":
      return [need.name];
    case "all":
    case "any":
      return need.parts.flatMap(metricsOf);
    default:
      return [];
  }
}

/** As of a text that begins later. */
function moved(taken: TakenApart, offset: number): TakenApart {
  const move = ({ from, to }: Span) => ({ from: from + offset, to: to + offset });
  const moveNeed = (need: Need): Need => {
    switch (need.type) {
      case "all":
      case "any":
        return { ...need, parts: need.parts.map(moveNeed) };
      case "may":
        return { ...need, part: moveNeed(need.part) };
      case "unknown":
        return need;
      default:
        return { ...need, at: move(need.at) };
    }
  };
  switch (taken.type) {
    case "needs":
      return { ...taken, need: moveNeed(taken.need) };
    case "unreadable":
      return { ...taken, at: move(taken.at) };
    default:
      return taken;
  }
}

/** What a variable asks a Tempo for: the values of an attribute, whose name has no scope there. */
export function takeTempoVariableApart(label: string): TakenApart {
  const at = { from: 0, to: label.length };
  const [, scope = "any", name = label] =
    /^(span|resource|event|link|instrumentation)\.(.+)$/.exec(label) ?? [];
  if (label === "" || holdsVariable(label)) {
    return { type: "not judged", why: "it lists whatever there is" };
  }
  return {
    type: "needs",
    need: intrinsicTags.has(label)
      ? allOf([])
      : { type: "attribute", scope: scope as "any", name: name.replace(/^\./, ""), at },
  };
}

/** As Tempo lists them among its tags. */
const intrinsicTags = new Set(
  "name duration status statusMessage kind rootName rootServiceName traceDuration".split(" "),
);
