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

/** An expression in one form, whatever the spaces of the query. */
export function printExpression(expression: Expression): string {
  switch (expression.type) {
    case "literal":
      return printLiteral(expression.literal);
    case "field":
      return printField(expression.field);
    case "unary":
      return `${expression.operator}${printExpression(expression.operand)}`;
    case "binary":
      return `(${printExpression(expression.left)}) ${expression.operator} (${printExpression(expression.right)})`;
    default:
      return expression satisfies never;
  }
}

function printLiteral(literal: Literal): string {
  switch (literal.type) {
    case "string":
      return `\`${literal.value}\``;
    case "duration":
      return `${literal.nanoseconds}ns`;
    case "nil":
      return "nil";
    default:
      return String(literal.value);
  }
}
