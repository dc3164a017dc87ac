import {
  type Expression,
  type Field,
  type Literal,
  olderSpelling,
  type PrintStyle,
  printExpression as print,
  printLiteral as standardLiteral,
} from "#traceql";
import { formatDuration } from "./format-duration.ts";

/** As Tempo's answers name a field. */
export function printField(field: Field): string {
  if (field.type === "intrinsic") {
    return olderSpelling(field.name);
  }
  const name = /^[^\s{}()=~!<>&|^,"`]+$/.test(field.name) ? field.name : JSON.stringify(field.name);
  return field.scope === "any" ? `.${name}` : `${field.scope}.${name}`;
}

/** In one form, whatever the spaces of the query: as Tempo's answers name a group. */
export function printExpression(expression: Expression): string {
  return print(expression, tempoStyle);
}

const tempoStyle: PrintStyle = {
  field: printField,
  literal: printLiteral,
  padding: " ",
  isShort: false,
  parentheses: "operands",
};

function printLiteral(literal: Literal): string {
  switch (literal.type) {
    case "string":
      return `\`${literal.value}\``;
    case "duration":
      return formatDuration(literal.nanoseconds);
    case "float":
      return printFloat(literal.value);
    case "int":
      return String(literal.value);
    default:
      return standardLiteral(literal);
  }
}

/** With a point, so that it is told apart from an integer. */
function printFloat(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? value.toFixed(1) : String(value);
}
