import { type Attribute, type Contract, spanKinds, statusCodes } from "#contract";

export interface Completion {
  /** What is put into the query. */
  readonly text: string;
  readonly brief: string;
}

export interface Completions {
  /** What is replaced: from here to the cursor. */
  readonly from: number;
  readonly offers: readonly Completion[];
}

const mostOffers = 40;

/** What could stand at the cursor, in the words of the contracts. */
export function completionsAt(
  contracts: readonly Contract[],
  query: string,
  cursor: number,
): Completions {
  const before = query.slice(0, cursor);
  const value = valueAt(contracts, before);
  if (value !== undefined) {
    return value;
  }
  const [word = ""] = /[\w.:]*$/.exec(before) ?? [];
  const from = cursor - word.length;
  const place = getCursorPlace(before.slice(0, from));
  const offered =
    place === "field" ? listFields(contracts) : place === "stage" ? stages : starts(contracts);
  const wanted = word.toLowerCase();
  const rank = ({ text }: Completion) => {
    const found = text.toLowerCase().indexOf(wanted);
    return found === -1 ? Number.POSITIVE_INFINITY : found;
  };
  const offers = offered
    .filter((offer) => rank(offer) < Number.POSITIVE_INFINITY && offer.text !== word)
    .toSorted((one, other) => Math.min(1, rank(one)) - Math.min(1, rank(other)))
    .slice(0, mostOffers);
  return { from, offers };
}

/** After a comparison: the values that the field can have. */
function valueAt(contracts: readonly Contract[], before: string): Completions | undefined {
  const [whole, field = "", , begun = ""] =
    /([\w.:]+)\s*(=~|!~|>=|<=|!=|=|>|<)\s*("[^"\n]*|[\w]*)$/.exec(before) ?? [];
  if (whole === undefined) {
    return undefined;
  }
  const values = listValues(contracts, field);
  return {
    from: before.length - begun.length,
    offers: values
      .filter(({ text }) => text.toLowerCase().startsWith(begun.toLowerCase()) && text !== begun)
      .slice(0, mostOffers),
  };
}

function listValues(contracts: readonly Contract[], field: string): readonly Completion[] {
  const bare = field.replace(/^(span|trace|event):/, "");
  if (bare === "name" || bare === "rootName") {
    return contracts
      .flatMap(({ spans }) => Object.values(spans))
      .map(({ name, brief }) => ({
        text: JSON.stringify(name),
        brief,
      }));
  }
  if (bare === "status") {
    return statusCodes.map((text) => ({ text, brief: "A status" }));
  }
  if (bare === "kind") {
    return spanKinds.map((text) => ({ text, brief: "A kind of span" }));
  }
  const attribute = listAttributes(contracts).find(([name]) => name === field)?.[1];
  return (attribute?.values ?? attribute?.examples ?? []).map((value) => ({
    text: typeof value === "string" ? JSON.stringify(value) : String(value),
    brief: attribute?.values === undefined ? "For example" : "One of its values",
  }));
}

/** Whether a field, a stage of the pipeline, or a spanset is next. */
function getCursorPlace(before: string): "field" | "stage" | "start" {
  const text = before.replaceAll(/"[^"\n]*"|`[^`]*`/g, '""');
  const open = Math.max(text.lastIndexOf("{"), openParenthesis(text));
  if (open > text.lastIndexOf("}") && open !== -1) {
    return text[open] === "{" ||
      /(select|by|avg|min|max|sum|\w+_over_time)\s*$/.test(text.slice(0, open))
      ? "field"
      : "start";
  }
  return /\|\s*$/.test(text) ? "stage" : /\)\s*$/.test(text) ? "stage" : "start";
}

/** The last parenthesis that is not closed; -1 when all are. */
function openParenthesis(text: string): number {
  let closed = 0;
  for (let place = text.length - 1; place >= 0; place -= 1) {
    if (text[place] === ")") {
      closed += 1;
    }
    if (text[place] === "(") {
      if (closed === 0) {
        return place;
      }
      closed -= 1;
    }
  }
  return -1;
}

function listFields(contracts: readonly Contract[]): readonly Completion[] {
  return [
    ...listAttributes(contracts).map(([text, { brief }]) => ({ text, brief })),
    ...intrinsics,
  ];
}

function listAttributes(contracts: readonly Contract[]): [name: string, attribute: Attribute][] {
  const all = contracts.flatMap(({ attributes, resource }) => [
    ...Object.values(attributes).map((one): [string, Attribute] => [`span.${one.key}`, one]),
    ...Object.values(resource.attributes).map((one): [string, Attribute] => [
      `resource.${one.key}`,
      one,
    ]),
  ]);
  return [...new Map(all)];
}

/** A query begins with a spanset: any span, or one of the contract's. */
function starts(contracts: readonly Contract[]): readonly Completion[] {
  return [
    { text: "{ }", brief: "Any span" },
    { text: "{ status = error }", brief: "Spans that failed" },
    ...contracts
      .flatMap(({ spans }) => Object.values(spans))
      .map(({ name, brief }) => ({
        text: `{ name = ${JSON.stringify(name)} }`,
        brief,
      })),
  ];
}

function described(entries: readonly (readonly [string, string])[]): readonly Completion[] {
  return entries.map(([text, brief]) => ({ text, brief }));
}

const intrinsics = described([
  ["name", "The span's name"],
  ["duration", "How long the span took"],
  ["status", "unset, ok or error"],
  ["statusMessage", "What the status says besides"],
  ["kind", "Whether it serves, calls, or works inside"],
  ["trace:id", "The trace's id"],
  ["trace:duration", "From the first start to the last end"],
  ["trace:rootName", "The name of the first span"],
  ["trace:rootService", "The service of the first span"],
]);

const stages = described([
  ["select(", "Show more of each span"],
  ["by(", "A group for each value"],
  ["count()", "How many spans, to compare"],
  ["avg(", "The mean of a field, to compare"],
  ["min(", "The smallest of a field, to compare"],
  ["max(", "The largest of a field, to compare"],
  ["sum(", "The sum of a field, to compare"],
  ["rate()", "Spans a second, over time"],
  ["count_over_time()", "Spans in each step"],
  ["quantile_over_time(", "Quantiles of a field: (duration, 0.5, 0.95)"],
  ["histogram_over_time(", "How a field is spread"],
  ["avg_over_time(", "The mean of a field in each step"],
  ["min_over_time(", "The smallest of a field in each step"],
  ["max_over_time(", "The largest of a field in each step"],
  ["sum_over_time(", "The sum of a field in each step"],
]);
