import { Condition, type NumberVariable } from "./condition.ts";
import {
  type ArithmeticOperator,
  binary,
  type ComparisonOperator,
  type Expression,
  type Literal,
  literalExpression,
  printExpression,
} from "./language/index.ts";

/** What can be compared with a value, whatever becomes of the comparison. */
export abstract class Comparable<Value, Result> {
  protected abstract compare(operator: ComparisonOperator, value: Value): Result;

  eq(value: Value): Result {
    return this.compare("=", value);
  }

  /** Of an attribute: true only of spans that have it. */
  ne(value: Value): Result {
    return this.compare("!=", value);
  }

  gt(value: Value): Result {
    return this.compare(">", value);
  }

  gte(value: Value): Result {
    return this.compare(">=", value);
  }

  lt(value: Value): Result {
    return this.compare("<", value);
  }

  lte(value: Value): Result {
    return this.compare("<=", value);
  }
}

/** A length of time, for `duration` and what is computed from it. */
export class Duration {
  readonly kind = "duration-literal";
  readonly literal: Literal;

  constructor(nanoseconds: number) {
    this.literal = { type: "duration", nanoseconds: BigInt(Math.round(nanoseconds)) };
  }
}

export function microseconds(count: number): Duration {
  return new Duration(count * 1e3);
}

export function milliseconds(count: number): Duration {
  return new Duration(count * 1e6);
}

export function seconds(count: number): Duration {
  return new Duration(count * 1e9);
}

/** @throws RangeError for what is no finite number. */
export function numberLiteral(value: number): Literal {
  if (!Number.isFinite(value)) {
    throw new RangeError(`TraceQL has no ${value}: give a finite number.`);
  }
  return Number.isInteger(value) ? { type: "int", value: BigInt(value) } : { type: "float", value };
}

/**
 * A number for an attribute that holds integers: TraceQL finds none with `5.0` or `5.5`.
 * @throws RangeError for a fraction.
 */
function wholeNumber(value: number): Literal {
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`${value} is compared with an integer attribute: give a whole number.`);
  }
  return { type: "int", value: BigInt(value) };
}

/** `number`: what is computed from integers and doubles. */
export type QuantityKind = "int" | "double" | "number" | "duration";

/** A value of this kind, or a variable for it. */
export type LiteralOf<Kind extends QuantityKind> = Kind extends "duration"
  ? Duration
  : number | NumberVariable;

/** What stands for a quantity of this kind: a value, a variable, or another quantity. */
type QuantityValue<Kind extends QuantityKind> =
  | LiteralOf<Kind>
  | (Kind extends "duration" ? Quantity<"duration"> : Quantity<"int" | "double" | "number">);

type ComputedKind<Kind extends QuantityKind> = Kind extends "duration" ? "duration" : "number";

/** A number or a duration of a span: an attribute, an intrinsic, or what is computed from them. */
export class Quantity<Kind extends QuantityKind = QuantityKind> extends Comparable<
  QuantityValue<Kind>,
  Condition
> {
  readonly kind: Kind;
  readonly expression: Expression;
  /** Of the attribute, where it is one. */
  readonly identifier: string | undefined;

  constructor(kind: Kind, expression: Expression, identifier?: string) {
    super();
    this.kind = kind;
    this.expression = expression;
    this.identifier = identifier;
  }

  get text(): string {
    return printExpression(this.expression);
  }

  /** True of spans that have the attribute. */
  isNotNull(): Condition {
    return new Condition(binary("!=", this.expression, literalExpression({ type: "nil" })));
  }

  add(value: QuantityValue<Kind>): Quantity<ComputedKind<Kind>> {
    return this.#compute("+", value);
  }

  sub(value: QuantityValue<Kind>): Quantity<ComputedKind<Kind>> {
    return this.#compute("-", value);
  }

  /** By a number, also of a duration. */
  mul(value: QuantityValue<"number">): Quantity<ComputedKind<Kind>> {
    return this.#compute("*", value);
  }

  /** By a number, also of a duration. Where that is 0, the result is larger than any number. */
  div(value: QuantityValue<"number">): Quantity<ComputedKind<Kind>> {
    return this.#compute("/", value);
  }

  protected compare(operator: ComparisonOperator, value: QuantityValue<Kind>): Condition {
    const right =
      typeof value === "number" && this.kind === "int"
        ? literalExpression(wholeNumber(value))
        : compared(value);
    return new Condition(binary(operator, compared(this), right));
  }

  #compute(
    operator: ArithmeticOperator,
    value: QuantityValue<Kind> | QuantityValue<"number">,
  ): Quantity<ComputedKind<Kind>> {
    const kind = this.kind === "duration" ? "duration" : "number";
    const right =
      value instanceof Quantity ? value.expression : literalExpression(toLiteral(value));
    return new Quantity(kind as ComputedKind<Kind>, binary(operator, this.expression, right));
  }
}

/**
 * A double is made numeric by adding 0: the OpenTelemetry SDK sends a whole one as an integer, and
 * TraceQL compares an attribute with a literal of the same type only.
 */
function compared(value: number | Duration | NumberVariable | Quantity): Expression {
  if (!(value instanceof Quantity)) {
    return literalExpression(toLiteral(value));
  }
  const zero = literalExpression({ type: "int", value: 0n });
  return value.kind === "double" ? binary("+", value.expression, zero) : value.expression;
}

export function toLiteral(value: number | Duration | NumberVariable): Literal {
  return typeof value === "number" ? numberLiteral(value) : value.literal;
}
