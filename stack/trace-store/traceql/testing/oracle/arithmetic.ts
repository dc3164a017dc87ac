import type { ArithmeticOperator } from "#traceql";
import { isNumber, missing, type NumberAtom, type Operand, single } from "./atoms.ts";

/** Larger integers are taken for doubles. */
const largest = 2n ** 127n;

/** Of several values nobody says which one is calculated with. */
function findNumberAtom({ atoms: [atom], form }: Operand): NumberAtom | undefined {
  return atom !== undefined && form === "single" && isNumber(atom) ? atom : undefined;
}

/**
 * Integers stay integers, also when they are divided; durations can be added to each other. All else
 * is calculated in doubles.
 */
export function calculate(operator: ArithmeticOperator, left: Operand, right: Operand): Operand {
  const one = findNumberAtom(left);
  const other = findNumberAtom(right);
  const isDivision = operator === "/" || operator === "%";
  if (one === undefined || other === undefined || (isDivision && Number(other.value) === 0)) {
    return missing;
  }
  const isSum = operator === "+" || operator === "-";
  const areInts = one.type === "int" && other.type === "int" && operator !== "^";
  const areDurations = one.type === "duration" && other.type === "duration" && isSum;
  const inDouble = inDoubles(operator, Number(one.value), Number(other.value));
  if (!areInts && !areDurations) {
    return float(inDouble);
  }
  const value = inIntegers(operator as Exclude<ArithmeticOperator, "^">, one.value, other.value);
  return value < -largest || value >= largest ? float(inDouble) : single({ type: one.type, value });
}

export function negate(operand: Operand): Operand {
  const number = findNumberAtom(operand);
  if (number === undefined) {
    return missing;
  }
  return number.type === "float"
    ? float(-number.value)
    : single({ type: number.type, value: -number.value });
}

function float(value: number): Operand {
  return single({ type: "float", value });
}

function inIntegers(
  operator: Exclude<ArithmeticOperator, "^">,
  one: bigint,
  other: bigint,
): bigint {
  switch (operator) {
    case "+":
      return one + other;
    case "-":
      return one - other;
    case "*":
      return one * other;
    case "/":
      return one / other;
    case "%":
      return one % other;
    default:
      return operator satisfies never;
  }
}

function inDoubles(operator: ArithmeticOperator, one: number, other: number): number {
  switch (operator) {
    case "+":
      return one + other;
    case "-":
      return one - other;
    case "*":
      return one * other;
    case "/":
      return one / other;
    case "%":
      return one % other;
    case "^":
      return power(one, other);
    default:
      return operator satisfies never;
  }
}

/** As in C and Go, where 1 to the power of anything is 1, also of NaN. */
function power(one: number, other: number): number {
  return one === 1 || (one === -1 && Math.abs(other) === Infinity) ? 1 : one ** other;
}
