import type { SpanKind, StatusCode, Value } from "#contract";
import type { ComparisonOperator, Literal } from "#traceql";

/** One value with the type that TraceQL gives it. Durations are nanoseconds. */
export type Atom =
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "int" | "duration"; readonly value: bigint }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "status"; readonly value: StatusCode }
  | { readonly type: "kind"; readonly value: SpanKind };

export type NumberAtom = Extract<Atom, { type: "int" | "duration" | "float" }>;

/**
 * What a field or an expression is worth: nothing, one value, the elements of an array, or what all
 * events or links of a span say. Of several, any may fit a comparison.
 */
export interface Operand {
  readonly atoms: readonly Atom[];
  readonly form: "single" | "array" | "members";
}

/** An array is there also where no comparison can be true of its elements. */
export function isPresent({ atoms, form }: Operand): boolean {
  return atoms.length > 0 || form === "array";
}

export const missing: Operand = { atoms: [], form: "single" };

export function single(atom: Atom): Operand {
  return { atoms: [atom], form: "single" };
}

export function bool(value: boolean): Operand {
  return single({ type: "bool", value });
}

/** The number that is measured of a span: of several events the first; an array has none. */
export function findMeasured({ atoms, form }: Operand): NumberAtom | undefined {
  return form === "array" ? undefined : atoms.find(isNumber);
}

export function isNumber(atom: Atom): atom is NumberAtom {
  return atom.type === "int" || atom.type === "float" || atom.type === "duration";
}

/** An attribute's value. An array of one is that one, as in Tempo. What TraceQL cannot compare, as bytes and maps, is as good as missing. */
export function toOperand(value: Value | undefined): Operand {
  if (value?.type !== "array") {
    const atom = value === undefined ? undefined : toAtom(value);
    return atom === undefined ? missing : single(atom);
  }
  const atoms = value.value.flatMap((element) => toAtom(element) ?? []);
  const [only] = atoms;
  if (value.value.length === 1 && only !== undefined) {
    return single(only);
  }
  return value.value.length === 0 ? missing : { atoms, form: "array" };
}

function toAtom(value: Value): Atom | undefined {
  switch (value.type) {
    case "string":
    case "bool":
    case "int":
      return value;
    case "double":
      return { type: "float", value: value.value };
    default:
      return undefined;
  }
}

/** @returns undefined for nil. */
export function readLiteralAtom(literal: Literal): Atom | undefined {
  switch (literal.type) {
    case "nil":
    case "placeholder":
      return undefined;
    case "duration":
      return { type: "duration", value: literal.nanoseconds };
    default:
      return literal;
  }
}

/** False also where the two cannot be compared, as a number with a string. */
export function holds(one: Atom, operator: ComparisonOperator, other: Atom): boolean {
  if (isNumber(one) && isNumber(other)) {
    return numberHolds(one, operator, other);
  }
  if (one.type !== other.type) {
    return false;
  }
  if (one.type === "string") {
    const order = Buffer.compare(Buffer.from(one.value), Buffer.from(String(other.value)));
    return orderHolds(order, operator, 0);
  }
  switch (operator) {
    case "=":
      return one.value === other.value;
    case "!=":
      return one.value !== other.value;
    default:
      return false;
  }
}

function numberHolds(one: NumberAtom, operator: ComparisonOperator, other: NumberAtom): boolean {
  // A double on one side makes a double of the other, whatever digits that costs.
  return one.type === "float" || other.type === "float"
    ? orderHolds(Number(one.value), operator, Number(other.value))
    : orderHolds(one.value, operator, other.value);
}

export function orderHolds<Ordered extends number | bigint>(
  one: Ordered,
  operator: ComparisonOperator,
  other: Ordered,
): boolean {
  switch (operator) {
    case "=":
      return one === other;
    case "!=":
      return one !== other;
    case "<":
      return one < other;
    case "<=":
      return one <= other;
    case ">":
      return one > other;
    case ">=":
      return one >= other;
    default:
      return operator satisfies never;
  }
}
