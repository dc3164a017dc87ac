import { Comparable } from "./comparable.ts";
import { Condition } from "./condition.ts";
import type { Duration } from "./duration.ts";
import {
  type ArithmeticOperator,
  binary,
  type ComparisonOperator,
  type Expression,
  type Literal,
  literalExpression,
  printExpression,
} from "./language/index.ts";
import { numberLiteral, wholeNumber } from "./literal.ts";
import type { NumberVariable } from "./variable.ts";

/** `number`: what is computed from integers and doubles. */
export type QuantityKind = "int" | "double" | "number" | "duration";

/** A value of this kind, or a variable for it. */
export type LiteralOf<Kind extends QuantityKind> = Kind extends "duration"
  ? Duration
  : number | NumberVariable;

/** What stands for a quantity of this kind: a value, a variable, or another quantity. */
export type QuantityValue<Kind extends QuantityKind> =
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
      value instanceof Quantity ? value.expression : literalExpression(literalOf(value));
    return new Quantity(kind as ComputedKind<Kind>, binary(operator, this.expression, right));
  }
}

/**
 * A double is made numeric by adding 0: the OpenTelemetry SDK sends a whole one as an integer, and
 * TraceQL compares an attribute with a literal of the same type only.
 */
function compared(value: number | Duration | NumberVariable | Quantity): Expression {
  if (!(value instanceof Quantity)) {
    return literalExpression(literalOf(value));
  }
  const zero = literalExpression({ type: "int", value: 0n });
  return value.kind === "double" ? binary("+", value.expression, zero) : value.expression;
}

export function literalOf(value: number | Duration | NumberVariable): Literal {
  return typeof value === "number" ? numberLiteral(value) : value.literal;
}
