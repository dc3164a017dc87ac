import fc from "fast-check";
import { spanKinds, statusCodes } from "#contract";
import {
  type BinaryOperator,
  binary,
  type ComparisonOperator,
  type Expression,
  type Field,
  fieldExpression,
  literalExpression,
  not,
} from "#traceql";
import { holdsField } from "./holds-field.ts";
import { texts } from "./random-attributes.ts";
import {
  anyAttribute,
  anyField,
  arrayAttribute,
  idIntrinsic,
  intrinsic,
  numberIntrinsic,
  textIntrinsic,
} from "./random-fields.ts";
import {
  calculatedFrom,
  duration,
  float,
  int,
  numberField,
  numberLiteral,
} from "./random-numbers.ts";

/** Conditions as syntax trees, of which all parts fit together. */

const text = fc
  .oneof(
    { weight: 3, arbitrary: texts },
    {
      weight: 1,
      arbitrary: fc.constantFrom("root", "llm.decode", "miniserve", "ev1", "lib", "1.2"),
    },
  )
  .map((value) => literalExpression({ type: "string", value }));
const id = fc
  .constantFrom("0000000000000001", "0000000000000002", "00000000000000000000000000000001", "1", "")
  .map((value) => literalExpression({ type: "string", value }));

const bool = fc.boolean().map((value) => literalExpression({ type: "bool", value }));
const nil = literalExpression({ type: "nil" });
const equality = fc.constantFrom<ComparisonOperator>("=", "!=");
const comparison = fc.constantFrom<ComparisonOperator>("=", "!=", "<", "<=", ">", ">=");
const regex = fc.constantFrom<BinaryOperator>("=~", "!~");
/** Of the patterns that RE2 and JavaScript understand alike. */
const pattern = fc
  .constantFrom(
    "a",
    "a.*",
    "a|b",
    "",
    ".*",
    "a.b",
    "[a-z]+",
    "(ro|no).*",
    "ü..",
    "^a$",
    "\\w+",
    "x?",
  )
  .map((value) => literalExpression({ type: "string", value }));

function compared(
  operator: fc.Arbitrary<BinaryOperator>,
  left: fc.Arbitrary<Field>,
  right: fc.Arbitrary<Expression>,
): fc.Arbitrary<Expression> {
  return fc
    .tuple(operator, left.map(fieldExpression), right, fc.nat(9))
    .map(([op, one, other, turn]) =>
      turn === 0 && !op.includes("~") ? binary(op, other, one) : binary(op, one, other),
    );
}

const simple = fc.oneof(
  { weight: 3, arbitrary: compared(comparison, anyAttribute, int) },
  { weight: 2, arbitrary: compared(comparison, anyAttribute, float) },
  { weight: 2, arbitrary: compared(comparison, anyAttribute, text) },
  { weight: 1, arbitrary: compared(equality, anyAttribute, bool) },
  { weight: 1, arbitrary: compared(comparison, anyAttribute, duration) },
  { weight: 2, arbitrary: compared(regex, fc.oneof(anyAttribute, textIntrinsic), pattern) },
  {
    weight: 2,
    arbitrary: compared(comparison, arrayAttribute, fc.oneof(text, int, float, duration)),
  },
  { weight: 1, arbitrary: compared(equality, arrayAttribute, bool) },
  { weight: 1, arbitrary: compared(regex, arrayAttribute, pattern) },
  { weight: 2, arbitrary: compared(equality, anyAttribute, fc.constant(nil)) },
  { weight: 1, arbitrary: compared(fc.constant("!="), anyField, fc.constant(nil)) },
  { weight: 2, arbitrary: compared(comparison, textIntrinsic, text) },
  { weight: 1, arbitrary: compared(equality, idIntrinsic, id) },
  { weight: 2, arbitrary: compared(comparison, numberIntrinsic, numberLiteral) },
  { weight: 1, arbitrary: compared(comparison, anyAttribute, anyAttribute.map(fieldExpression)) },
  { weight: 1, arbitrary: compared(equality, intrinsic("span:status"), statusOrKind("status")) },
  { weight: 1, arbitrary: compared(equality, intrinsic("span:kind"), statusOrKind("kind")) },
  { weight: 1, arbitrary: anyAttribute.map(fieldExpression) },
  { weight: 1, arbitrary: bool },
  { weight: 1, arbitrary: rootQuestion() },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        comparison,
        calculatedFrom(numberField),
        fc.oneof(numberLiteral, anyAttribute.map(fieldExpression), calculatedFrom(numberField)),
        fc.boolean(),
      )
      .map(([op, one, other, turn]) => (turn ? binary(op, other, one) : binary(op, one, other))),
  },
);

function statusOrKind(type: "status" | "kind"): fc.Arbitrary<Expression> {
  return type === "status"
    ? fc.constantFrom(...statusCodes).map((value) => literalExpression({ type: "status", value }))
    : fc.constantFrom(...spanKinds).map((value) => literalExpression({ type: "kind", value }));
}

function rootQuestion(): fc.Arbitrary<Expression> {
  const field = fieldExpression({ type: "intrinsic", name: "nestedSetParent" });
  return fc
    .constantFrom<[ComparisonOperator, bigint]>(["<", 0n], ["=", -1n], [">=", 0n], ["!=", -1n])
    .map(([operator, value]) => binary(operator, field, literalExpression({ type: "int", value })));
}

export const condition: fc.Arbitrary<Expression> = fc.letrec<{ condition: Expression }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    { weight: 4, arbitrary: simple },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.constantFrom<BinaryOperator>("&&", "||"), tie("condition"), tie("condition"))
        .map(([operator, left, right]) => binary(operator, left, right)),
    },
    { weight: 1, arbitrary: tie("condition").map(not) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(equality, tie("condition"), fc.oneof(bool, simple))
        .filter(([, left, right]) => isTruth(left) && isTruth(right))
        .map(([operator, left, right]) => binary(operator, left, right)),
    },
  ),
})).condition;

/** A bare attribute may be anything, and is compared as what it is. */
function isTruth(expression: Expression): boolean {
  return expression.type !== "field";
}

/** What spans are grouped by. */
export const groupingExpression = fc
  .oneof(
    { weight: 5, arbitrary: anyField.map(fieldExpression) },
    { weight: 1, arbitrary: calculatedFrom(numberField) },
    { weight: 1, arbitrary: simple },
  )
  .filter(holdsField);
