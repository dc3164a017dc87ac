import type { BinaryOperator, ComparisonOperator, Expression } from "../../syntax.ts";
import { calculate, negate } from "./arithmetic.ts";
import { atomOfLiteral, bool, holds, isPresent, missing, type Operand, single } from "./atoms.ts";
import { fieldOf, type Subject } from "./fields.ts";

/** Attributes, by scope and name, of which the condition also asks whether they are there. */
export type AskedForPresence = ReadonlySet<string>;

const nothingAsked: AskedForPresence = new Set();

/** Whether a condition holds for one span, with one of its events and one of its links. */
export function isTrue(expression: Expression, subject: Subject): boolean {
  return truthOf(evaluate(expression, subject, askedForPresence(expression)));
}

export function evaluate(
  expression: Expression,
  subject: Subject,
  asked: AskedForPresence = nothingAsked,
): Operand {
  switch (expression.type) {
    case "literal": {
      const atom = atomOfLiteral(expression.literal);
      return atom === undefined ? missing : single(atom);
    }
    case "field":
      return fieldOf(expression.field, subject);
    case "unary": {
      const operand = evaluate(expression.operand, subject, asked);
      return expression.operator === "-" ? negate(operand) : bool(!truthOf(operand));
    }
    case "binary": {
      const { operator } = expression;
      const left = evaluate(expression.left, subject, asked);
      const right = evaluate(expression.right, subject, asked);
      return isArithmetic(operator)
        ? calculate(operator, left, right)
        : bool(binaryTruth(operator, expression, left, right, asked));
    }
    default:
      return expression satisfies never;
  }
}

/** True is what is true, or has a true element; everything else is not. */
function truthOf({ atoms }: Operand): boolean {
  return atoms.some(({ value }) => value === true);
}

type Arithmetic = "+" | "-" | "*" | "/" | "%" | "^";

function isArithmetic(operator: BinaryOperator): operator is Arithmetic {
  return operator.length === 1 && "+-*/%^".includes(operator);
}

type Binary = Extract<Expression, { type: "binary" }>;

function binaryTruth(
  operator: Exclude<BinaryOperator, Arithmetic>,
  { left: leftSide, right: rightSide }: Binary,
  left: Operand,
  right: Operand,
  asked: AskedForPresence,
): boolean {
  switch (operator) {
    case "&&":
      return truthOf(left) && truthOf(right);
    case "||":
      return truthOf(left) || truthOf(right);
    case "=~":
      return matches(left, right).some((matched) => matched);
    case "!~":
      return matches(left, right).some((matched) => !matched);
    default:
      if (isNil(rightSide)) {
        return comparesWithNil(operator, left);
      }
      if (isNil(leftSide)) {
        return comparesWithNil(operator, right);
      }
      return isStrict(leftSide, rightSide, asked) || isStrict(rightSide, leftSide, asked)
        ? compares(left, operator, right, (one, other) => one === other)
        : compares(left, operator, right, () => true);
  }
}

function compares(
  left: Operand,
  operator: ComparisonOperator,
  right: Operand,
  mayCompare: (leftType: string, rightType: string) => boolean,
): boolean {
  return left.atoms.some((one) =>
    right.atoms.some((other) => mayCompare(one.type, other.type) && holds(one, operator, other)),
  );
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

/**
 * A value that stands in the query must be of the very type that the attribute beside it has, also
 * where it is calculated; unless the condition asks if the attribute is there.
 */
function isStrict(one: Expression, other: Expression, asked: AskedForPresence): boolean {
  return (
    one.type === "field" &&
    one.field.type === "attribute" &&
    !asked.has(nameOf(one)) &&
    isConstant(other)
  );
}

function isConstant(expression: Expression): boolean {
  switch (expression.type) {
    case "literal":
      return true;
    case "field":
      return false;
    case "unary":
      return isConstant(expression.operand);
    case "binary":
      return isConstant(expression.left) && isConstant(expression.right);
    default:
      return expression satisfies never;
  }
}

function nameOf(expression: Expression): string {
  return expression.type === "field" && expression.field.type === "attribute"
    ? `${expression.field.scope}.${expression.field.name}`
    : "";
}

function askedForPresence(expression: Expression): AskedForPresence {
  switch (expression.type) {
    case "unary":
      return askedForPresence(expression.operand);
    case "binary": {
      const { left, right } = expression;
      return new Set([
        ...(isNil(right) ? [nameOf(left)] : []),
        ...(isNil(left) ? [nameOf(right)] : []),
        ...askedForPresence(left),
        ...askedForPresence(right),
      ]);
    }
    default:
      return nothingAsked;
  }
}
