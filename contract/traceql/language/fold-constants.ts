import { type ArithmeticOperator, type Expression, isArithmetic, type Literal } from "./syntax.ts";

type NumberLiteral = Extract<Literal, { type: "int" | "float" | "duration" }>;

/**
 * Calculates what is known before any span is read: `span.x > 1 + 1` is `span.x > 2`, and answers name
 * it so.
 */
export function foldConstants(expression: Expression): Expression {
  switch (expression.type) {
    case "literal":
    case "field":
      return expression;
    case "unary": {
      const operand = foldConstants(expression.operand);
      return expression.operator === "-" && operand.type === "literal" && isNumber(operand.literal)
        ? { type: "literal", literal: negated(operand.literal), at: expression.at }
        : { ...expression, operand };
    }
    case "binary": {
      const left = foldConstants(expression.left);
      const right = foldConstants(expression.right);
      const literal =
        left.type === "literal" && right.type === "literal"
          ? calculated(expression.operator, left.literal, right.literal)
          : undefined;
      return literal === undefined
        ? { ...expression, left, right }
        : { type: "literal", literal, at: left.at };
    }
    default:
      return expression satisfies never;
  }
}

export function isNumber(literal: Literal): literal is NumberLiteral {
  return literal.type === "int" || literal.type === "float" || literal.type === "duration";
}

export function negated(literal: NumberLiteral): Literal {
  return literal.type === "duration"
    ? { type: "duration", nanoseconds: -literal.nanoseconds }
    : literal.type === "int"
      ? { type: "int", value: -literal.value }
      : { type: "float", value: -literal.value };
}

function calculated(operator: string, left: Literal, right: Literal): Literal | undefined {
  if (!isNumber(left) || !isNumber(right) || !isArithmetic(operator)) {
    return undefined;
  }
  const types = [left.type, right.type];
  if (types.every((type) => type === "int")) {
    const value = integer(operator, exact(left), exact(right));
    return value === undefined ? undefined : { type: "int", value };
  }
  const value = float(operator, approximate(left), approximate(right));
  if (!Number.isFinite(value)) {
    return undefined;
  }
  const isRatio = operator === "/" && right.type === "duration";
  return types.includes("duration") && !isRatio && Number.isInteger(value)
    ? { type: "duration", nanoseconds: BigInt(value) }
    : { type: "float", value };
}

function exact(literal: NumberLiteral): bigint {
  return literal.type === "int" ? literal.value : 0n;
}

function approximate(literal: NumberLiteral): number {
  return Number(literal.type === "duration" ? literal.nanoseconds : literal.value);
}

/** @returns undefined for what is no integer of 64 bits; that is left to each span's evaluation. */
function integer(operator: ArithmeticOperator, left: bigint, right: bigint): bigint | undefined {
  const isUndefined =
    (right === 0n && (operator === "/" || operator === "%")) ||
    (operator === "^" && (right < 0n || right > 64n));
  if (isUndefined) {
    return undefined;
  }
  const value = {
    "+": () => left + right,
    "-": () => left - right,
    "*": () => left * right,
    "/": () => left / right,
    "%": () => left % right,
    "^": () => left ** right,
  }[operator]();
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

function float(operator: ArithmeticOperator, left: number, right: number): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return left % right;
    case "^":
      return left ** right;
    default:
      return operator satisfies never;
  }
}
