import type { SpanKind, StatusCode } from "../otlp/span.ts";
import { anyOf, Condition } from "./condition.ts";
import {
  type BinaryOperator,
  binary,
  type Expression,
  type Field as FieldSyntax,
  fieldExpression,
  type IntrinsicName,
  type Literal,
  literalExpression,
  printExpression,
} from "./language/index.ts";
import type { Quantity } from "./quantity.ts";
import { PatternVariable, type TextVariable } from "./variable.ts";

/** What a condition can speak of, and what `select` and `by` can name. */
export type Field = Quantity | TextField | BooleanField | StatusField | KindField | NameField;

/** What is compared with one value at a time. */
abstract class ComparedField {
  readonly expression: Expression;
  /** Of the attribute, where it is one. */
  readonly identifier: string | undefined;

  constructor(field: FieldSyntax, identifier?: string) {
    this.expression = fieldExpression(field);
    this.identifier = identifier;
  }

  get text(): string {
    return printExpression(this.expression);
  }

  protected condition(operator: BinaryOperator, literal: Literal): Condition {
    return new Condition(binary(operator, this.expression, literalExpression(literal)));
  }
}

/** A string. `Value` is the union of its values where the contract lists them. */
export class TextField<Value extends string = string> extends ComparedField {
  readonly kind = "string";

  eq(value: Value | TextVariable): Condition {
    return this.condition("=", textLiteral(value));
  }

  /** True only of spans that have the attribute. */
  ne(value: Value | TextVariable): Condition {
    return this.condition("!=", textLiteral(value));
  }

  isOneOf(...values: readonly [Value, ...Value[]]): Condition {
    return anyOf(values.map((value) => this.eq(value)));
  }

  /** Whether the whole value fits a pattern. It must be one that RE2 knows: no look-around. */
  matches(pattern: RegExp | PatternVariable): Condition {
    return this.condition("=~", patternLiteral(pattern));
  }

  /** True only of spans that have the attribute. */
  matchesNot(pattern: RegExp | PatternVariable): Condition {
    return this.condition("!~", patternLiteral(pattern));
  }

  isNotNull(): Condition {
    return this.condition("!=", { type: "nil" });
  }

  /**
   * True of spans without the attribute. Only strings can be asked, because Tempo answers this rightly
   * for attributes with a column of their own, and every string of a contract has one.
   */
  isNull(): Condition {
    return this.condition("=", { type: "nil" });
  }
}

export class BooleanField extends ComparedField {
  readonly kind = "boolean";

  eq(value: boolean): Condition {
    return this.condition("=", { type: "bool", value });
  }

  isNotNull(): Condition {
    return this.condition("!=", { type: "nil" });
  }
}

export class StatusField extends ComparedField {
  readonly kind = "status";

  constructor() {
    super(intrinsic("span:status"));
  }

  eq(value: StatusCode): Condition {
    return this.condition("=", { type: "status", value });
  }

  ne(value: StatusCode): Condition {
    return this.condition("!=", { type: "status", value });
  }
}

export class KindField extends ComparedField {
  readonly kind = "kind";

  constructor() {
    super(intrinsic("span:kind"));
  }

  eq(value: SpanKind): Condition {
    return this.condition("=", { type: "kind", value });
  }
}

/** The name of a span, by identifier: names on the wire stand in the contract only. */
export class NameField<Identifier extends string = string> extends ComparedField {
  readonly kind = "name";
  readonly #names: Readonly<Record<string, string>>;

  /** @param names On the wire, by identifier. */
  constructor(names: Readonly<Record<string, string>>) {
    super(intrinsic("span:name"));
    this.#names = names;
  }

  eq(identifier: Identifier): Condition {
    return this.condition("=", this.#nameLiteral(identifier));
  }

  ne(identifier: Identifier): Condition {
    return this.condition("!=", this.#nameLiteral(identifier));
  }

  isOneOf(...identifiers: readonly [Identifier, ...Identifier[]]): Condition {
    return anyOf(identifiers.map((identifier) => this.eq(identifier)));
  }

  #nameLiteral(identifier: string): Literal {
    const value = this.#names[identifier];
    if (value === undefined) {
      throw new RangeError(`The contract has no span ${identifier}.`);
    }
    return { type: "string", value };
  }
}

export function intrinsic(name: IntrinsicName): FieldSyntax {
  return { type: "intrinsic", name };
}

function textLiteral(value: string | TextVariable): Literal {
  return typeof value === "string" ? { type: "string", value } : value.literal;
}

function patternLiteral(pattern: RegExp | PatternVariable): Literal {
  if (pattern instanceof PatternVariable) {
    return pattern.literal;
  }
  const flags = pattern.flags.replace("u", "");
  if (flags !== "" && flags !== "i") {
    throw new RangeError(`${pattern} has the flags ${pattern.flags}: TraceQL takes none but i.`);
  }
  return { type: "string", value: `${flags === "i" ? "(?i)" : ""}${pattern.source}` };
}
