import {
  type ArithmeticOperator,
  type BinaryOperator,
  type ComparisonOperator,
  type Expression,
  isArithmetic,
} from "#traceql";
import { calculate, negate } from "./arithmetic.ts";
import {
  bool,
  holds,
  isNumber,
  isPresent,
  missing,
  type Operand,
  readLiteralAtom,
  single,
} from "./atoms.ts";
import { readField, type Subject } from "./fields.ts";

/** Whether a condition holds for one span, with one of its events and one of its links. */
export function isTrue(expression: Expression, subject: Subject): boolean {
  return isTruthy(evaluate(expression, subject));
}

export function evaluate(expression: Expression, subject: Subject): Operand {
  switch (expression.type) {
    case "literal": {
      const atom = readLiteralAtom(expression.literal);
      return atom === undefined ? missing : single(atom);
    }
    case "field":
      return readField(expression.field, subject);
    case "unary": {
      const operand = evaluate(expression.operand, subject);
      return expression.operator === "-" ? negate(operand) : bool(!isTruthy(operand));
    }
    case "binary": {
      const { operator } = expression;
      const left = evaluate(expression.left, subject);
      const right = evaluate(expression.right, subject);
      return isArithmetic(operator)
        ? calculate(operator, left, right)
        : bool(binaryTruth(operator, expression, left, right));
    }
    default:
      return expression satisfies never;
  }
}

/** True is what is true, or has a true element; everything else is not. */
function isTruthy({ atoms }: Operand): boolean {
  return atoms.some(({ value }) => value === true);
}

type Binary = Extract<Expression, { type: "binary" }>;

function binaryTruth(
  operator: Exclude<BinaryOperator, ArithmeticOperator>,
  { left: leftSide, right: rightSide }: Binary,
  left: Operand,
  right: Operand,
): boolean {
  switch (operator) {
    case "&&":
      return isTruthy(left) && isTruthy(right);
    case "||":
      return isTruthy(left) || isTruthy(right);
    case "=~":
      return matches(left, right).some((matched) => matched);
    case "!~": {
      // Of an array none may match.
      const matched = matches(left, right);
      return matched.length > 0 && !matched.includes(true);
    }
    default:
      if (isNil(rightSide)) {
        return comparesWithNil(operator, left);
      }
      if (isNil(leftSide)) {
        return comparesWithNil(operator, right);
      }
      return compares(left, operator, right);
  }
}

/** Of an array one element must fit; but none may be equal where the two are to be unequal. */
function compares(left: Operand, operator: ComparisonOperator, right: Operand): boolean {
  const pairs = left.atoms
    .flatMap((one) => right.atoms.map((other) => [one, other] as const))
    .filter(([one, other]) => one.type === other.type || (isNumber(one) && isNumber(other)));
  return operator === "!="
    ? pairs.length > 0 && pairs.every(([one, other]) => holds(one, "!=", other))
    : pairs.some(([one, other]) => holds(one, operator, other));
}

/** For each string, whether the whole of it fits the pattern; a point fits an end of line, too. */
function matches(left: Operand, right: Operand): boolean[] {
  const pattern = new RegExp(`^(?:${String(right.atoms[0]?.value)})$`, "su");
  return left.atoms.flatMap((atom) => (atom.type === "string" ? [pattern.test(atom.value)] : []));
}

function comparesWithNil(operator: ComparisonOperator, operand: Operand): boolean {
  return (operator === "!=") === isPresent(operand);
}

function isNil(expression: Expression): boolean {
  return expression.type === "literal" && expression.literal.type === "nil";
}
