import type { Expression, Field, Query, Scalar, Spanset, Stage } from "#traceql";
import { printField } from "../print-expression.ts";

/** A field that the spans of an answer show, and where the query speaks of it first. */
export type Mention = Extract<Expression, { type: "field" }>;

/** The fields that a query speaks of, each once. */
export function mentionedFields(query: Query): Mention[] {
  const mentions = new Map<string, Mention>();
  for (const mention of query.stages.flatMap(ofStage)) {
    const name = printField(mention.field);
    if (!mentions.has(name)) {
      mentions.set(name, mention);
    }
  }
  return [...mentions.values()];
}

function ofStage(stage: Stage): Mention[] {
  switch (stage.type) {
    case "spanset":
      return ofSpanset(stage.spanset);
    case "select":
      return stage.fields.map((field: Field) => ({ type: "field", field, at: stage.at }));
    case "by":
      return ofExpression(stage.expression);
    case "scalarFilter":
      return [...ofScalar(stage.left), ...ofScalar(stage.right)];
    case "coalesce":
      return [];
    default:
      return stage satisfies never;
  }
}

function ofScalar(scalar: Scalar): Mention[] {
  switch (scalar.type) {
    case "literal":
      return [];
    case "aggregate":
      return scalar.of === null ? [] : ofExpression(scalar.of);
    default:
      return scalar satisfies never;
  }
}

function ofSpanset(spanset: Spanset): Mention[] {
  switch (spanset.type) {
    case "filter":
      return spanset.condition === null ? [] : ofExpression(spanset.condition);
    case "combined":
      return [...ofSpanset(spanset.left), ...ofSpanset(spanset.right)];
    case "pipeline":
      return spanset.stages.flatMap(ofStage);
    default:
      return spanset satisfies never;
  }
}

function ofExpression(expression: Expression): Mention[] {
  switch (expression.type) {
    case "literal":
      return [];
    case "field":
      return [expression];
    case "unary":
      return ofExpression(expression.operand);
    case "binary":
      return [...ofExpression(expression.left), ...ofExpression(expression.right)];
    default:
      return expression satisfies never;
  }
}
