import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";
import type { BoardVariable } from "../boards/board-variable.ts";
import {
  chosenValue,
  type Expanded,
  expand,
  holdsVariable,
  type Insertion,
  tooManyVariables,
} from "./expand.ts";
import { literalChoices, takesNothing } from "./literal-choices.ts";
import { allOf, anyOf, type Need, type RunnableQuery, type Span, type TakenApart } from "./need.ts";
import { isTargetLabel } from "./target-labels.ts";

const longestQuery = 65_536;
const deepest = 200;

/** Takes a PromQL query apart: the metrics, labels and label values without which it finds nothing. */
export function takePromqlApart(
  query: string,
  variables: ReadonlyMap<string, BoardVariable>,
): TakenApart {
  if (query.trim() === "") {
    return { type: "not judged", why: "it asks for nothing" };
  }
  if (query.length > longestQuery) {
    const at = { from: 0, to: 1 };
    return { type: "unreadable", message: `longer than ${longestQuery} characters`, at };
  }
  const tooMany = tooManyVariables(query);
  if (tooMany !== undefined) {
    return { type: "not judged", why: tooMany };
  }
  const expanded = expandPromql(query);
  const reader = new PromqlReader(expanded, variables);
  const tree = parser.parse(expanded.text);
  const fault = findFault(tree.topNode);
  if (fault !== undefined) {
    const stands = expanded.inserted.find((name) => !isBuiltIn(name));
    return stands === undefined
      ? { type: "unreadable", message: fault.message, at: expanded.toOriginal(fault.at) }
      : { type: "not judged", why: `$${stands} stands for a part of the query` };
  }
  const top = tree.topNode.firstChild;
  const need = top === null ? allOf([]) : reader.needOf(top);
  const runnable = reader.runnable();
  return { type: "needs", need, ...(runnable === undefined ? {} : { runnable }) };
}

/** A query in which something that parses stands for each variable. */
export function expandPromql(query: string): Expanded {
  return expand(query, "\"'`", placeholderFor);
}

/** What Grafana puts in by itself. */
function isBuiltIn(name: string): boolean {
  return name.startsWith("__");
}

const defaultWindow = "5m";
const placeholderPattern = /__grafana_variable_(\w+?)__/g;

function placeholderFor({ name, before, after }: Insertion): string {
  const isNumber = /^\s*(?:ms|[smhdwy])\b/.test(after) || /_(?:ms|s)$/.test(name);
  if (/(?:\[|\[[^\]]*:|\boffset|@)\s*-?\s*$/.test(before.slice(-100))) {
    return isNumber ? "300" : defaultWindow;
  }
  if (name.startsWith("__")) {
    return isNumber || /^__(?:from|to)\b/.test(name) ? "300" : defaultWindow;
  }
  return `__grafana_variable_${name.replaceAll(".", "_")}__`;
}

function findFault(top: SyntaxNode): { message: string; at: Span } | undefined {
  const cursor = top.cursor();
  let depth = 0;
  do {
    if (cursor.type.isError) {
      const { from, to } = cursor;
      const message = from === to ? "something is missing here" : "this is not PromQL";
      return { message, at: { from, to: Math.max(to, from + 1) } };
    }
    depth = countAncestors(cursor.node, depth);
    if (depth > deepest) {
      return { message: `nested more than ${deepest} levels deep`, at: cursor };
    }
  } while (cursor.next());
  return undefined;
}

/** Counted only where it may be too many: to climb from each node would take long. */
function countAncestors(node: SyntaxNode, known: number): number {
  if (known > deepest || node.firstChild !== null) {
    return known;
  }
  let depth = 0;
  for (let at = node.parent; at !== null && depth <= deepest; at = at.parent) {
    depth += 1;
  }
  return Math.max(known, depth);
}

interface Selector {
  readonly metrics: readonly string[];
}

class PromqlReader {
  readonly #expanded: Expanded;
  readonly #variables: ReadonlyMap<string, BoardVariable>;
  /** Labels that functions of the query make. */
  readonly #made = new Set<string>();
  /** What is different in the text that can be run. */
  readonly #edits: { at: Span; text: string }[] = [];

  constructor(expanded: Expanded, variables: ReadonlyMap<string, BoardVariable>) {
    this.#expanded = expanded;
    this.#variables = variables;
  }

  needOf(node: SyntaxNode): Need {
    this.#collectMadeLabels(node);
    return this.#read(node).need;
  }

  /** The query for a Prometheus; undefined where a variable is left whose value is not known. */
  runnable(): RunnableQuery | undefined {
    let text = this.#expanded.text;
    for (const { at, text: edit } of this.#edits.toSorted(
      (one, other) => other.at.from - one.at.from,
    )) {
      text = text.slice(0, at.from) + edit + text.slice(at.to);
    }
    let isWhole = true;
    text = text.replaceAll(placeholderPattern, (_, name: string) => {
      const value = chosenValue(this.#variables, name);
      isWhole &&= value !== undefined;
      return value ?? "";
    });
    return isWhole ? { language: "promql", text } : undefined;
  }

  #text(node: SyntaxNode): string {
    return this.#expanded.text.slice(node.from, node.to);
  }

  #at(node: SyntaxNode): Span {
    return this.#expanded.toOriginal({ from: node.from, to: node.to });
  }

  #collectMadeLabels(top: SyntaxNode): void {
    const cursor = top.cursor();
    do {
      const { name, node } = cursor;
      const makes = name === "FunctionCall" ? this.#text(node).trimStart() : "";
      if (/^label_(?:replace|join)\b/.test(makes) || this.#isCountValues(node)) {
        const made = node.getChild("FunctionCallBody")?.getChild("StringLiteral");
        this.#made.add(made ? readString(this.#text(made)) : "");
      }
    } while (cursor.next() && cursor.from < top.to);
  }

  #isCountValues(node: SyntaxNode): boolean {
    return (
      node.name === "AggregateExpr" &&
      node.getChild("AggregateOp")?.firstChild?.name === "CountValues"
    );
  }

  #read(node: SyntaxNode): Selector & { readonly need: Need } {
    switch (node.name) {
      case "VectorSelector":
        return this.#readSelector(node);
      case "AggregateExpr":
        return this.#readAggregate(node);
      case "BinaryExpr":
        return this.#readBinary(node);
      case "FunctionCall": {
        const body = this.#readChildren(node);
        return /^absent(?:_over_time)?\b/.test(this.#text(node))
          ? { ...body, need: { type: "may", part: body.need } }
          : body;
      }
      default:
        return this.#readChildren(node);
    }
  }

  #readChildren(node: SyntaxNode): Selector & { readonly need: Need } {
    const parts: (Selector & { readonly need: Need })[] = [];
    for (let child = node.firstChild; child !== null; child = child.nextSibling) {
      parts.push(this.#read(child));
    }
    return {
      metrics: parts.flatMap(({ metrics }) => metrics),
      need: allOf(parts.map(({ need }) => need)),
    };
  }

  #readAggregate(node: SyntaxNode): Selector & { readonly need: Need } {
    const body = this.#readChildren(node);
    const modifier = node.getChild("AggregateModifier");
    const isBy = modifier?.firstChild?.name === "By";
    const labels = isBy
      ? this.#readGrouping(modifier.getChild("GroupingLabels"), body.metrics)
      : [];
    return { ...body, need: allOf([body.need, ...labels]) };
  }

  #readBinary(node: SyntaxNode): Selector & { readonly need: Need } {
    const [left, right] = [node.firstChild, node.lastChild].map((side) =>
      side === null ? { metrics: [], need: allOf([]) } : this.#read(side),
    ) as [Selector & { need: Need }, Selector & { need: Need }];
    const metrics = [...left.metrics, ...right.metrics];
    if (node.getChild("Or") !== null) {
      return { metrics, need: anyOf([left.need, right.need]) };
    }
    if (node.getChild("Unless") !== null) {
      return { metrics, need: allOf([left.need, { type: "may", part: right.need }]) };
    }
    const clause = node.getChild("MatchingModifierClause");
    const [on, group] = clause?.getChildren("GroupingLabels") ?? [];
    const labels = [
      ...(clause?.getChild("On") ? this.#readGrouping(on, metrics) : []),
      ...this.#readGrouping(group, metrics),
    ];
    return { metrics, need: allOf([left.need, right.need, ...labels]) };
  }

  /** Labels that a usual target has are left out of a grouping by it when there is none. */
  #readGrouping(node: SyntaxNode | null | undefined, metrics: readonly string[]): Need[] {
    return [
      ...(node?.getChildren("LabelName") ?? []),
      ...(node?.getChildren("QuotedLabelName") ?? []),
    ]
      .map((label) => ({ at: this.#at(label), names: this.#namesOf(this.#text(label)) }))
      .flatMap(({ at, names }): Need[] => {
        const asked = names?.filter((name) => !this.#made.has(name)) ?? [];
        if (asked.length === 0 || metrics.length === 0) {
          return [];
        }
        const need = anyOf(asked.map((name) => ({ type: "label", name, metrics, at })));
        return [asked.some(isTargetLabel) ? { type: "may", part: need } : need];
      });
  }

  #readSelector(node: SyntaxNode): Selector & { readonly need: Need } {
    const matchers = this.#readMatchers(node.getChild("LabelMatchers"));
    const identifier = node.getChild("Identifier");
    const named = matchers.find(({ label }) => label === "__name__");
    const at = identifier === null ? (named?.valueAt ?? this.#at(node)) : this.#at(identifier);
    const names =
      identifier === null ? (named?.values ?? []) : this.#namesOf(this.#text(identifier));
    if (names === undefined) {
      const why = "a variable stands for the metric, and the file does not say which there are";
      return { metrics: [], need: { type: "unknown", why } };
    }
    if (names.length > 0 && names.every((name) => /^[\d.]+[a-z]*$/i.test(name))) {
      return { metrics: [], need: allOf([]) };
    }
    if (names.length === 0) {
      const why = "the metric is chosen by a pattern";
      return { metrics: [], need: { type: "unknown", why } };
    }
    const metrics = names;
    const labels = matchers.filter(({ label }) => label !== "__name__");
    return {
      metrics,
      need: allOf([
        anyOf(names.map((name) => ({ type: "metric", name, at }))),
        ...labels.map((matcher) => this.#needOfMatcher(matcher, metrics)),
      ]),
    };
  }

  #needOfMatcher(matcher: Matcher, metrics: readonly string[]): Need {
    const { label, at, takesAbsent, values, isNegative } = matcher;
    if (this.#made.has(label)) {
      return allOf([]);
    }
    const need: Need = { type: "label", name: label, metrics, at };
    if (takesAbsent) {
      return { type: "may", part: need };
    }
    return isNegative || values === undefined
      ? need
      : allOf([need, { type: "label value", label, metrics, values, at: matcher.valueAt }]);
  }

  #readMatchers(node: SyntaxNode | null): Matcher[] {
    const matchers: Matcher[] = [];
    for (let child = node?.firstChild ?? null; child !== null; child = child.nextSibling) {
      if (child.name === "QuotedLabelName") {
        const name = readString(this.#text(child));
        const at = this.#at(child);
        const values = holdsVariable(name) ? undefined : [name];
        matchers.push({
          label: "__name__",
          at,
          valueAt: at,
          takesAbsent: false,
          isNegative: false,
          values,
        });
      } else if (child.name.endsWith("LabelMatcher")) {
        matchers.push(...this.#readMatcher(child));
      }
    }
    return matchers;
  }

  #readMatcher(node: SyntaxNode): Matcher[] {
    const label = node.getChild("LabelName") ?? node.getChild("QuotedLabelName");
    const operator = node.getChild("MatchOp");
    const literal = node.getChild("StringLiteral");
    if (label === null || operator === null || literal === null) {
      return [];
    }
    const names = this.#namesOf(
      label.name === "LabelName" ? this.#text(label) : readString(this.#text(label)),
    );
    const sign = this.#text(operator);
    const value = readString(this.#text(literal));
    const isVariable = holdsVariable(value);
    if (isVariable) {
      const at = { from: operator.from, to: literal.to };
      const isName = this.#text(label) === "__name__";
      this.#edits.push({ at, text: isName ? '=~".+"' : '=~".*"' });
    }
    const values = isVariable ? undefined : sign.endsWith("~") ? literalChoices(value) : [value];
    const takesAbsent = isVariable
      ? false
      : sign === "="
        ? value === ""
        : sign === "!="
          ? value !== ""
          : takesNothing(value) === (sign === "=~");
    return (names ?? []).slice(0, 1).map((name) => ({
      label: name,
      at: this.#at(label),
      valueAt: this.#at(literal),
      takesAbsent,
      isNegative: sign.startsWith("!"),
      values: isVariable && name === "__name__" ? this.#namesOf(value, true) : values,
    }));
  }

  /**
   * The names that a name with variables in it may be; undefined where the file does not say.
   * @param isInString Variables are still written as such there.
   */
  #namesOf(text: string, isInString = false, depth = 0): string[] | undefined {
    const pattern = isInString ? /\$\{?(\w+)(?::\w+)?\}?/g : placeholderPattern;
    const [found] = text.matchAll(pattern);
    if (found === undefined) {
      return holdsVariable(text) ? undefined : [text];
    }
    // Its options may hold variables again, and for ever.
    const options = depth > 2 ? [] : (this.#variables.get(found[1] ?? "")?.options ?? []);
    const names = options.slice(0, 20).flatMap((option) => {
      const name = text.replaceAll(found[0], () => option);
      return this.#namesOf(name, isInString, depth + 1) ?? [];
    });
    return names.length === 0 ? undefined : names;
  }
}

interface Matcher {
  readonly label: string;
  readonly at: Span;
  readonly valueAt: Span;
  /** Whether series without the label match too. */
  readonly takesAbsent: boolean;
  readonly isNegative: boolean;
  /** Undefined where they cannot be told. */
  readonly values: readonly string[] | undefined;
}

/** A string of PromQL, with Go's escapes as far as they are in use. */
function readString(literal: string): string {
  const inner = literal.slice(1, -1);
  return literal.startsWith("`")
    ? inner
    : inner.replaceAll(/\\(.)/g, (_, letter: string) => (letter === "n" ? "\n" : letter));
}
