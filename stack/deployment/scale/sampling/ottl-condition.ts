import { statusCodes } from "#contract";
import {
  type BinaryOperator,
  type Expression,
  type Field,
  type Literal,
  parseQuery,
} from "#traceql";
import { text } from "../../pipeline/collector/ottl.ts";

/** A condition on one span in the Collector's language, or why a query is none. */
export type SpanCondition = { readonly condition: string } | { readonly reason: string };

/** What one span alone cannot answer. */
class NotOfOneSpan extends Error {}

/** A TraceQL search as a condition that the Collector can check on each span of a trace. */
export function spanCondition(search: string): SpanCondition {
  const { stages, metrics } = parseQuery(search);
  const [stage, ...others] = stages;
  if (stage?.type !== "spanset" || others.length > 0 || metrics !== null) {
    return { reason: "it looks at groups of spans" };
  }
  if (stage.spanset.type !== "filter" || stage.spanset.condition === null) {
    return { reason: "it relates spans to each other" };
  }
  try {
    return { condition: condition(stage.spanset.condition) };
  } catch (error) {
    if (error instanceof NotOfOneSpan) {
      return { reason: error.message };
    }
    throw error;
  }
}

/** Parentheses around everything: the two languages do not bind alike. */
function condition(expression: Expression): string {
  switch (expression.type) {
    case "literal":
      return literal(expression.literal);
    case "field":
      return field(expression.field);
    case "unary":
      return expression.operator === "!"
        ? `not (${condition(expression.operand)})`
        : `(0 - ${condition(expression.operand)})`;
    case "binary":
      return binary(expression);
    default:
      return expression satisfies never;
  }
}

const operators: Readonly<Partial<Record<BinaryOperator, string>>> = {
  "&&": "and",
  "||": "or",
  "=": "==",
  "!=": "!=",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
  "+": "+",
  "-": "-",
  "*": "*",
  "/": "/",
};

function binary(expression: Extract<Expression, { type: "binary" }>): string {
  const operator = operators[expression.operator];
  if (operator === undefined) {
    throw new NotOfOneSpan(`the Collector has no ${expression.operator}`);
  }
  const { left, right } = expression;
  // A number is added where TraceQL would else tell whole ones from others; the Collector never does.
  const isNothing =
    right.type === "literal" && right.literal.type === "int" && right.literal.value === 0n;
  if (expression.operator === "+" && isNothing) {
    return condition(left);
  }
  return `(${condition(left)} ${operator} ${condition(right)})`;
}

function field(of: Field): string {
  if (of.type === "attribute") {
    if (of.scope !== "span" && of.scope !== "resource") {
      throw new NotOfOneSpan(`it asks for an attribute of the ${of.scope}`);
    }
    return `${of.scope}.attributes[${text(of.name)}]`;
  }
  switch (of.name) {
    case "span:name":
      return "span.name";
    case "span:status":
      return "span.status.code";
    case "span:duration":
      return "(span.end_time_unix_nano - span.start_time_unix_nano)";
    default:
      throw new NotOfOneSpan(`it asks for ${of.name}, which no span of its own has`);
  }
}

function literal(value: Literal): string {
  switch (value.type) {
    case "string":
      return text(value.value);
    case "duration":
      return String(value.nanoseconds);
    case "status":
      return String(statusCodes.indexOf(value.value));
    case "nil":
      return "nil";
    case "placeholder":
      throw new NotOfOneSpan(`${value.text} stands for a value that Grafana gives`);
    case "kind":
      throw new NotOfOneSpan("it asks for the kind of a span");
    default:
      return String(value.value);
  }
}
