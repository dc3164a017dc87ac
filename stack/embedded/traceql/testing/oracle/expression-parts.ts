import type { BinaryOperator, Expression, Field, Literal } from "../../syntax.ts";

/** Parts of syntax trees, without a place in a text. */

export const nowhere = { offset: 0, line: 1, column: 1 };

export function literalOf(literal: Literal): Expression {
  return { type: "literal", literal, at: nowhere };
}

export function fieldExpression(field: Field): Expression {
  return { type: "field", field, at: nowhere };
}

export function binary(operator: BinaryOperator, left: Expression, right: Expression): Expression {
  return { type: "binary", operator, left, right, at: nowhere };
}

export function not(operand: Expression): Expression {
  return { type: "unary", operator: "!", operand, at: nowhere };
}

/** Of an expression that says something about the span. */
export function holdsField(part: unknown): boolean {
  return (
    typeof part === "object" &&
    part !== null &&
    (("type" in part && part.type === "field") || Object.values(part).some(holdsField))
  );
}
