import {
  type AttributeScope,
  type Expression,
  type Field,
  fieldExpression,
  findIntrinsic,
  type Literal,
  parseQuery,
  printExpression,
  type Query,
  QueryError,
  type Scalar,
  type Spanset,
  type Stage,
  scanUnfinished,
} from "#traceql";
import type { BoardVariable } from "../boards/board-variable.ts";
import {
  chosenValue,
  type Expanded,
  expand,
  holdsVariable,
  type Insertion,
  tooManyVariables,
} from "./expand.ts";
import { literalChoices } from "./literal-choices.ts";
import { allOf, anyOf, type Need, type Span, type TakenApart } from "./need.ts";
import { runnableTraceql } from "./runnable-traceql.ts";

/** Takes a TraceQL query apart: the attributes, values and span names without which it finds nothing. */
export function takeTraceqlApart(
  query: string,
  variables: ReadonlyMap<string, BoardVariable>,
): TakenApart {
  const trimmed = query.trim();
  if (/^[0-9a-f]{16,32}$/i.test(trimmed) || /^\$(?:\{[\w:]+\}|\w+)$/.test(trimmed)) {
    return { type: "not judged", why: "it asks for one trace by its id" };
  }
  if (trimmed === "") {
    return { type: "not judged", why: "it asks for nothing" };
  }
  const tooMany = tooManyVariables(query);
  if (tooMany !== undefined) {
    return { type: "not judged", why: tooMany };
  }
  const read = readWithVariables(query, variables);
  if ("error" in read) {
    const { error, expanded } = read;
    const [stands] = expanded.inserted;
    if (error.code === "unsupported") {
      return { type: "not judged", why: error.message };
    }
    const { offset } = error.at;
    return stands === undefined
      ? { type: "unreadable", message: error.message, at: { from: offset, to: offset + 1 } }
      : { type: "not judged", why: `$${stands} stands for a part of the query` };
  }
  const need = new TraceqlReader(query, variables).needOf(read.query);
  const text = read.isCertain ? runnableTraceql(read.query) : undefined;
  return {
    type: "needs",
    need,
    ...(text === undefined ? {} : { runnable: { language: "traceql", text } }),
  };
}

/** What may stand where a variable does whose value is not known. */
const guesses = ["1", "1ms", "true", '""', "ok", "client", ".5", "span.grafana_variable", "nil"];

type Read =
  | { readonly query: Query; readonly isCertain: boolean }
  | { readonly error: QueryError; readonly expanded: Expanded };

/** Reads a query with the values of its variables, else with one guess after the other. */
function readWithVariables(text: string, variables: ReadonlyMap<string, BoardVariable>): Read {
  let first: Extract<Read, { error: QueryError }> | undefined;
  for (const guess of [undefined, ...guesses]) {
    let isCertain = guess === undefined;
    const expanded = expand(text, '"`', (insertion) => {
      const known = guess === undefined ? knownReplacement(insertion, variables) : undefined;
      isCertain &&= known !== undefined;
      return known ?? guessedReplacement(insertion, guess);
    });
    try {
      return { query: parseQuery(expanded.text), isCertain };
    } catch (error) {
      if (!(error instanceof QueryError)) {
        throw error;
      }
      first ??= { error, expanded };
    }
    if (expanded.inserted.length === 0) {
      break;
    }
  }
  return first as Extract<Read, { error: QueryError }>;
}

const partOfName = "grafana_variable";

function knownReplacement(
  { name }: Insertion,
  variables: ReadonlyMap<string, BoardVariable>,
): string | undefined {
  return /^__(?:rate_)?interval$|^__range$/.test(name) ? "1m" : chosenValue(variables, name);
}

function guessedReplacement({ before, after }: Insertion, guess: string | undefined): string {
  const isName = /[\w.]$/.test(before) || /^[\w.]/.test(after);
  return isName ? partOfName : (guess ?? "1");
}

class TraceqlReader {
  readonly #text: string;
  readonly #variables: ReadonlyMap<string, BoardVariable>;
  readonly #places: ReadonlyMap<string, Span>;

  constructor(text: string, variables: ReadonlyMap<string, BoardVariable>) {
    this.#text = text;
    this.#variables = variables;
    this.#places = new Map(
      attributeTokens(text)
        .toReversed()
        .map(({ scope, name, at }) => [`${scope}.${name}`, at]),
    );
  }

  needOf({ stages, metrics }: Query): Need {
    const { of = null, by = [], compare = null } = metrics ?? {};
    return allOf([
      ...stages.map((stage) => this.#stage(stage)),
      ...[...(of === null ? [] : [of]), ...by].map((field) => this.#field(field)),
      ...(compare === null ? [] : [this.#spanset(compare.selection)]),
    ]);
  }

  #stage(stage: Stage): Need {
    switch (stage.type) {
      case "spanset":
        return this.#spanset(stage.spanset);
      case "by":
        return this.#expression(stage.expression);
      case "select":
        return allOf(stage.fields.map((field) => this.#field(field)));
      case "scalarFilter":
        return allOf([this.#scalar(stage.left), this.#scalar(stage.right)]);
      case "coalesce":
        return allOf([]);
      default:
        return stage satisfies never;
    }
  }

  #scalar(scalar: Scalar): Need {
    return scalar.type === "aggregate" && scalar.of !== null
      ? this.#expression(scalar.of)
      : allOf([]);
  }

  #spanset(spanset: Spanset): Need {
    switch (spanset.type) {
      case "filter":
        return spanset.condition === null ? allOf([]) : this.#expression(spanset.condition);
      case "pipeline":
        return allOf(spanset.stages.map((stage) => this.#stage(stage)));
      case "combined": {
        const [left, right] = [this.#spanset(spanset.left), this.#spanset(spanset.right)];
        const { operator } = spanset;
        if (operator.type === "or") {
          return anyOf([left, right]);
        }
        const mayLackLeft = operator.type === "structural" && operator.isNegated;
        return allOf([mayLackLeft ? { type: "may", part: left } : left, right]);
      }
      default:
        return spanset satisfies never;
    }
  }

  #expression(expression: Expression): Need {
    switch (expression.type) {
      case "literal":
        return allOf([]);
      case "field":
        return this.#field(expression.field);
      case "unary":
        // What is denied is asked for all the same, but no value of it is.
        return this.#fieldsOf(expression.operand);
      case "binary":
        return this.#binary(expression);
      default:
        return expression satisfies never;
    }
  }

  #binary(expression: Extract<Expression, { type: "binary" }>): Need {
    const { operator, left, right } = expression;
    if (operator === "||") {
      return anyOf([this.#expression(left), this.#expression(right)]);
    }
    const [field, literal] = left.type === "field" ? [left, right] : [right, left];
    if (field.type !== "field" || literal.type !== "literal") {
      return allOf([this.#expression(left), this.#expression(right)]);
    }
    const asked = this.#field(field.field);
    if (literal.literal.type === "nil") {
      return operator === "=" ? { type: "may", part: asked } : asked;
    }
    const values = valuesOf(operator, literal.literal);
    return values === undefined ? asked : allOf([asked, this.#values(field.field, values)]);
  }

  #values(field: Field, values: readonly string[]): Need {
    const at = this.#placeOf(field);
    if (field.type === "attribute") {
      return { type: "attribute value", scope: field.scope, name: field.name, values, at };
    }
    return field.name === "span:name" || field.name === "trace:rootName"
      ? { type: "span name", values, at }
      : allOf([]);
  }

  #fieldsOf(expression: Expression): Need {
    switch (expression.type) {
      case "field":
        return this.#field(expression.field);
      case "unary":
        return this.#fieldsOf(expression.operand);
      case "binary": {
        const parts = [this.#fieldsOf(expression.left), this.#fieldsOf(expression.right)];
        return expression.operator === "||" ? anyOf(parts) : allOf(parts);
      }
      default:
        return allOf([]);
    }
  }

  #field(field: Field): Need {
    if (field.type === "intrinsic") {
      return allOf([]);
    }
    const { scope, name } = field;
    const at = this.#placeOf(field);
    if (!name.includes(partOfName)) {
      return { type: "attribute", scope, name, at };
    }
    const [variable = ""] = this.#expandedNames();
    const options = this.#variables.get(variable)?.options ?? [];
    return options.length === 0
      ? { type: "unknown", why: "a variable stands for the attribute" }
      : anyOf(
          options.map((option) => ({
            type: "attribute",
            scope,
            name: name.replaceAll(partOfName, () => option),
            at,
          })),
        );
  }

  #expandedNames(): readonly string[] {
    return expand(this.#text, '"`', () => partOfName).inserted;
  }

  #placeOf(field: Field): Span {
    const place =
      field.type === "attribute"
        ? this.#places.get(`${field.scope}.${field.name}`)
        : findIntrinsicPlace(this.#text, field.name);
    return place ?? { from: 0, to: this.#text.length };
  }
}

/** The texts that a comparison allows, one of which is enough; undefined where that is not certain. */
function valuesOf(operator: string, literal: Literal): readonly string[] | undefined {
  if (literal.type !== "string" || holdsVariable(literal.value)) {
    return undefined;
  }
  return operator === "="
    ? [literal.value]
    : operator === "=~"
      ? literalChoices(literal.value)
      : undefined;
}

interface AttributeToken {
  readonly scope: AttributeScope;
  readonly name: string;
  readonly at: Span;
}

/** A longer query is nobody's. */
export const mostPieces = 20_000;

/** A field as a query has it. */
export function fieldText(field: Field): string {
  return printExpression(fieldExpression(field));
}

/** The attributes of a query's text, in the order in which they are written. */
export function attributeTokens(text: string): AttributeToken[] {
  return (scanUnfinished(text, mostPieces) ?? []).flatMap(({ token, text: written }) =>
    token?.type === "attribute"
      ? [
          {
            scope: token.scope,
            name: token.name,
            at: { from: token.at.offset, to: token.at.offset + written.length },
          },
        ]
      : [],
  );
}

function findIntrinsicPlace(text: string, name: string): Span | undefined {
  const found = (scanUnfinished(text, mostPieces) ?? []).find(
    ({ token }) => token?.type === "word" && findIntrinsic(token.text) === name,
  );
  const from = found?.token?.at.offset;
  return from === undefined ? undefined : { from, to: from + (found?.text.length ?? 0) };
}
