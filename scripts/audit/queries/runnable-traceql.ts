import {
  type Expression,
  literalExpression,
  printQuery,
  type Query,
  type Spanset,
  type Stage,
} from "#traceql";
import { holdsVariable } from "./expand.ts";

/**
 * A query that finds something if the one with variables finds something for any of their values:
 * what a field is compared with is left out where it holds one.
 */
export function runnableTraceql(query: Query): string {
  return printQuery({ ...query, stages: query.stages.map(stageWithout) });
}

function stageWithout(stage: Stage): Stage {
  return stage.type === "spanset" ? { ...stage, spanset: spansetWithout(stage.spanset) } : stage;
}

function spansetWithout(spanset: Spanset): Spanset {
  switch (spanset.type) {
    case "filter": {
      const { condition } = spanset;
      return { ...spanset, condition: condition === null ? null : expressionWithout(condition) };
    }
    case "combined":
      return {
        ...spanset,
        left: spansetWithout(spanset.left),
        right: spansetWithout(spanset.right),
      };
    case "pipeline":
      return { ...spanset, stages: spanset.stages.map(stageWithout) };
    default:
      return spanset satisfies never;
  }
}

function expressionWithout(expression: Expression): Expression {
  if (expression.type === "unary") {
    return { ...expression, operand: expressionWithout(expression.operand) };
  }
  if (expression.type !== "binary") {
    return expression;
  }
  const { left, right } = expression;
  if (![left, right].some(isText)) {
    return { ...expression, left: expressionWithout(left), right: expressionWithout(right) };
  }
  const field = [left, right].find(({ type }) => type === "field");
  return field?.type === "field" && field.field.type === "attribute"
    ? { ...expression, operator: "!=", left: field, right: literalExpression({ type: "nil" }) }
    : literalExpression({ type: "bool", value: true });
}

/** Whether it is a text with a variable in it. */
function isText(expression: Expression): boolean {
  return (
    expression.type === "literal" &&
    expression.literal.type === "string" &&
    holdsVariable(expression.literal.value)
  );
}
