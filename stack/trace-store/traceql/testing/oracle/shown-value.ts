import { findValue, type Value } from "#contract";
import type { Expression, Field } from "#traceql";
import { type Atom, bool, type Operand } from "./atoms.ts";
import { evaluate, isTrue } from "./expressions.ts";
import { listSubjects, readField, type Subject } from "./fields.ts";

/** A value as answers show it; of equal identity are those that are one group. */
export interface Shown {
  readonly value: Value;
  readonly identity: string;
}

const nil: Shown = { value: { type: "string", value: "nil" }, identity: "nil" };

/** Of an array the whole, of several events what the first says that says something. */
export function shownExpression(expression: Expression, subject: Subject): Shown {
  return (
    (expression.type === "field"
      ? shownField(expression.field, subject)
      : shownAtom(calculate(expression, subject).atoms[0])) ?? nil
  );
}

/** A condition holds when it holds for one of the events together with one of the links. */
function calculate(expression: Expression, subject: Subject): Operand {
  const isCondition =
    (expression.type === "unary" && expression.operator === "!") ||
    (expression.type === "binary" && !"+-*/%^".includes(expression.operator));
  return isCondition
    ? bool(listSubjects(subject.span, subject.trace).some((one) => isTrue(expression, one)))
    : evaluate(expression, subject);
}

/** @returns undefined for what the span has not. */
export function shownField(field: Field, subject: Subject): Shown | undefined {
  const { atoms, form } = readField(field, subject);
  if (form === "array" && field.type === "attribute") {
    const value = readArray(field.scope, field.name, subject);
    return { value, identity: `array:${JSON.stringify(value, bigintAsText)}` };
  }
  return shownAtom(atoms[0]);
}

function readArray(scope: string, name: string, { span }: Subject): Value {
  const { attributes, resource } = span;
  const ofSpan = findValue(attributes, name);
  const ofResource = findValue(resource.attributes, name);
  const ofScope = findValue(span.scope.attributes, name);
  const found = {
    span: ofSpan,
    resource: ofResource,
    any: ofSpan?.type === "array" && ofSpan.value.length > 0 ? ofSpan : ofResource,
    instrumentation: ofScope,
  }[scope];
  return found ?? { type: "empty" };
}

function bigintAsText(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}

export function shownAtom(atom: Atom): Shown;
export function shownAtom(atom: Atom | undefined): Shown | undefined;
export function shownAtom(atom: Atom | undefined): Shown | undefined {
  if (atom === undefined) {
    return undefined;
  }
  const identity = `${atom.type}:${Object.is(atom.value, -0) ? "-0" : atom.value}`;
  return { value: toValue(atom), identity };
}

function toValue(atom: Atom): Value {
  switch (atom.type) {
    case "string":
    case "bool":
      return { type: atom.type, value: atom.value } as Value;
    case "int":
      // What is calculated may have more bits than an answer has place for.
      return BigInt.asIntN(64, atom.value) === atom.value
        ? { type: "int", value: atom.value }
        : { type: "double", value: Number(atom.value) };
    case "float":
      return { type: "double", value: atom.value };
    case "duration":
      return { type: "string", value: goDuration(atom.value) };
    case "status":
    case "kind":
      return { type: "string", value: atom.value };
    default:
      return atom satisfies never;
  }
}

/** As Go prints it: the largest unit below a second, or hours, minutes and seconds. */
function goDuration(nanoseconds: bigint): string {
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const sign = nanoseconds < 0n ? "-" : "";
  if (size === 0n) {
    return "0s";
  }
  if (size < 1_000n) {
    return `${sign}${size}ns`;
  }
  if (size < 1_000_000n) {
    return `${sign}${decimal(size, 3)}µs`;
  }
  if (size < 1_000_000_000n) {
    return `${sign}${decimal(size, 6)}ms`;
  }
  const minute = 60_000_000_000n;
  const seconds = `${decimal(size % minute, 9)}s`;
  const minutes = size / minute;
  if (minutes === 0n) {
    return sign + seconds;
  }
  return minutes < 60n
    ? `${sign}${minutes}m${seconds}`
    : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** An integer with its point moved to the left, without zeros at the end. */
function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, "0");
  const fraction = digits.slice(-places).replace(/0+$/, "");
  return digits.slice(0, -places) + (fraction === "" ? "" : `.${fraction}`);
}
