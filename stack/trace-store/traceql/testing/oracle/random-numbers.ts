import fc from "fast-check";
import {
  type ArithmeticOperator,
  binary,
  type Expression,
  type Field,
  fieldExpression,
  literalExpression,
  startPosition,
} from "#traceql";
import { holdsField } from "./holds-field.ts";
import { extremeInts, floats, ints } from "./random-attributes.ts";
import { anyAttribute, measuredField, numberIntrinsic } from "./random-fields.ts";

/** Numbers that stand in a query, and what is calculated from them and from fields. */

export const int = fc
  .oneof({ weight: 8, arbitrary: ints }, { weight: 1, arbitrary: extremeInts })
  .map((value) => literalExpression({ type: "int", value }));
export const float = floats.map((value) => literalExpression({ type: "float", value }));
export const duration = fc
  .constantFrom(0n, 1n, 4_000n, 1_000_000n, 100_000_000n, 1_000_000_000n, 1_500_000_000n, -1n)
  .map((nanoseconds) => literalExpression({ type: "duration", nanoseconds }));
export const numberLiteral = fc.oneof(int, float, duration);

const arithmetic = fc.constantFrom<ArithmeticOperator>("+", "-", "*", "/", "%");

/** A number that is calculated from a field and a literal, or from two fields. */
export function calculatedFrom(field: fc.Arbitrary<Field>): fc.Arbitrary<Expression> {
  const one = field.map(fieldExpression);
  const powers = fc.constantFrom(2n, 3n).map((value) => literalExpression({ type: "int", value }));
  return fc.letrec<{ number: Expression; calculated: Expression }>((tie) => ({
    number: fc.oneof(
      { maxDepth: 2, depthSize: "small" },
      { weight: 3, arbitrary: one },
      { weight: 2, arbitrary: numberLiteral },
      { weight: 2, arbitrary: tie("calculated") },
    ),
    calculated: fc.oneof(
      {
        weight: 6,
        arbitrary: fc
          .tuple(arithmetic, tie("number"), tie("number"))
          .filter(([, left, right]) => isCalculable(left, right))
          .map(([operator, left, right]) => binary(operator, left, right)),
      },
      {
        weight: 1,
        arbitrary: fc.tuple(one, powers).map(([left, right]) => binary("^", left, right)),
      },
      { weight: 1, arbitrary: one.map((operand) => minus(operand)) },
    ),
  })).calculated;
}

/** Not of a duration and a number that are known without a span: nobody says what that makes. */
function isCalculable(left: Expression, right: Expression): boolean {
  return holdsField([left, right]) || !holdsDuration([left, right]);
}

function holdsDuration(part: unknown): boolean {
  return (
    typeof part === "object" &&
    part !== null &&
    ("nanoseconds" in part || Object.values(part).some(holdsDuration))
  );
}

function minus(operand: Expression): Expression {
  return { type: "unary", operator: "-", operand, at: startPosition };
}

export const numberField = fc.oneof(
  { weight: 2, arbitrary: anyAttribute },
  { weight: 1, arbitrary: numberIntrinsic },
);
export const measuredExpression = fc.oneof(
  { weight: 3, arbitrary: measuredField.map(fieldExpression) },
  { weight: 1, arbitrary: calculatedWithoutDivision() },
);

/** Divisions have digits that are rounded, and sums of those depend on their order. */
function calculatedWithoutDivision(): fc.Arbitrary<Expression> {
  return fc
    .tuple(
      fc.constantFrom<ArithmeticOperator>("+", "-", "*"),
      measuredField.map(fieldExpression),
      fc.oneof(
        measuredField.map(fieldExpression),
        floats.map((value) => literalExpression({ type: "float", value })),
      ),
    )
    .map(([operator, left, right]) => binary(operator, left, right));
}
