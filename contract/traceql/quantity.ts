import { Condition } from "./condition.ts";
import type { Duration } from "./duration.ts";
import { decimal, wholeNumber } from "./literal.ts";
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
export class Quantity<Kind extends QuantityKind = QuantityKind> {
  readonly kind: Kind;
  readonly text: string;
  /** Of the attribute, where it is one. */
  readonly identifier: string | undefined;
  /** The operator of a computation. */
  readonly #operator: string | null;

  constructor(
    kind: Kind,
    text: string,
    more: { readonly identifier?: string; readonly operator?: string } = {},
  ) {
    this.kind = kind;
    this.text = text;
    this.identifier = more.identifier;
    this.#operator = more.operator ?? null;
  }

  is(value: QuantityValue<Kind>): Condition {
    return this.#compare("=", value);
  }

  /** True only of spans that have the attribute. */
  isNot(value: QuantityValue<Kind>): Condition {
    return this.#compare("!=", value);
  }

  above(value: QuantityValue<Kind>): Condition {
    return this.#compare(">", value);
  }

  atLeast(value: QuantityValue<Kind>): Condition {
    return this.#compare(">=", value);
  }

  below(value: QuantityValue<Kind>): Condition {
    return this.#compare("<", value);
  }

  atMost(value: QuantityValue<Kind>): Condition {
    return this.#compare("<=", value);
  }

  /** True of spans that have the attribute. */
  isSet(): Condition {
    return new Condition(`${this.text} != nil`);
  }

  plus(value: QuantityValue<Kind>): Quantity<ComputedKind<Kind>> {
    return this.#compute("+", value);
  }

  minus(value: QuantityValue<Kind>): Quantity<ComputedKind<Kind>> {
    return this.#compute("-", value);
  }

  /** By a number, also of a duration. */
  times(value: QuantityValue<"number">): Quantity<ComputedKind<Kind>> {
    return this.#compute("*", value);
  }

  /** By a number, also of a duration. Where that is 0, the result is larger than any number. */
  dividedBy(value: QuantityValue<"number">): Quantity<ComputedKind<Kind>> {
    return this.#compute("/", value);
  }

  #compare(operator: string, value: QuantityValue<Kind>): Condition {
    const right =
      typeof value === "number" && this.kind === "int" ? wholeNumber(value) : comparedText(value);
    return new Condition(`${comparedText(this)} ${operator} ${right}`);
  }

  #compute(
    operator: string,
    value: QuantityValue<Kind> | QuantityValue<"number">,
  ): Quantity<ComputedKind<Kind>> {
    const left =
      this.#operator === null || this.#operator === "+" ? this.#as(operator) : this.#as("");
    const right =
      value instanceof Quantity
        ? value.#as("")
        : literalText(value as Exclude<typeof value, Quantity>);
    const kind = this.kind === "duration" ? "duration" : "number";
    return new Quantity(kind as ComputedKind<Kind>, `${left} ${operator} ${right}`, { operator });
  }

  /** As an operand: a computation in parentheses, unless it is a sum that goes on. */
  #as(operator: string): string {
    return this.#operator === null || (this.#operator === "+" && operator === "+")
      ? this.text
      : `(${this.text})`;
  }
}

/**
 * A double is made numeric by adding 0: the OpenTelemetry SDK sends a whole one as an integer, and
 * TraceQL compares an attribute with a literal of the same type only.
 */
function comparedText(value: number | Duration | NumberVariable | Quantity): string {
  if (value instanceof Quantity) {
    return value.kind === "double" ? `${value.text} + 0` : value.text;
  }
  return literalText(value);
}

export function literalText(value: number | Duration | NumberVariable): string {
  return typeof value === "number" ? decimal(value) : value.text;
}
