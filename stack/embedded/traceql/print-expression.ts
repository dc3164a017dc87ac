import { formatDuration } from "./format-duration.ts";
import type { Expression, Field, IntrinsicName, Literal } from "./syntax.ts";

/** Where Tempo's answers spell an intrinsic in the older way. */
const spellings: Partial<Record<IntrinsicName, string>> = {
  "span:name": "name",
  "span:duration": "duration",
  "span:status": "status",
  "span:statusMessage": "statusMessage",
  "span:kind": "kind",
  "trace:duration": "traceDuration",
  "trace:rootName": "rootName",
  "trace:rootService": "rootServiceName",
};

export function printField(field: Field): string {
  if (field.type === "intrinsic") {
    return spellings[field.name] ?? field.name;
  }
  const name = /^[^\s{}()=~!<>&|^,"`]+$/.test(field.name) ? field.name : JSON.stringify(field.name);
  return field.scope === "any" ? `.${name}` : `${field.scope}.${name}`;
}

/** An expression in one form, whatever the spaces of the query: the names of groups in Tempo's answers. */
export function printExpression(expression: Expression): string {
  switch (expression.type) {
    case "literal":
      return printLiteral(expression.literal);
    case "field":
      return printField(expression.field);
    case "unary":
      return `${expression.operator}${printOperand(expression.operand)}`;
    case "binary":
      return `${printOperand(expression.left)} ${expression.operator} ${printOperand(expression.right)}`;
    default:
      return expression satisfies never;
  }
}

function printOperand(expression: Expression): string {
  const text = printExpression(expression);
  return expression.type === "binary" ? `(${text})` : text;
}

function printLiteral(literal: Literal): string {
  switch (literal.type) {
    case "string":
      return `\`${literal.value}\``;
    case "duration":
      return formatDuration(literal.nanoseconds);
    case "float":
      return printFloat(literal.value);
    case "nil":
      return "nil";
    default:
      return String(literal.value);
  }
}

/** With a point, so that it is told apart from an integer. */
function printFloat(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? value.toFixed(1) : String(value);
}
