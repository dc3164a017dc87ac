import type { Attribute, AttributeRecord } from "../define/attribute.ts";
import type { Contract } from "../define/contract.ts";
import type { IdentifierOf } from "../define/span.ts";
import type { SpanKind, StatusCode } from "../otlp/span.ts";
import { anyOf, Condition, PatternVariable, type TextVariable } from "./condition.ts";
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
import { Quantity } from "./quantity.ts";

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

function intrinsic(name: IntrinsicName): FieldSyntax {
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

/** The identifiers of a contract's spans. */
export type SpanOf<C extends Contract> = keyof C["spans"] & string;

/** The identifiers of the attributes that one of the named spans carries. */
export type CarriedBy<C extends Contract, Span extends SpanOf<C>> = IdentifierOf<C["spans"][Span]> &
  keyof C["attributes"] &
  string;

/** The field of an attribute: what it may be compared with follows from its type. */
export type FieldOf<Definition> =
  Definition extends Attribute<infer Type, infer Value>
    ? Type extends "int" | "double"
      ? Quantity<Type>
      : Type extends "boolean"
        ? BooleanField
        : TextField<Value extends string ? Value : string>
    : never;

/** The attributes of the named spans, by identifier. */
export type SpanFields<C extends Contract, Span extends SpanOf<C>> = {
  readonly [Identifier in CarriedBy<C, Span>]: FieldOf<C["attributes"][Identifier]>;
};

/** The attributes of the resource, by identifier. */
export type ResourceFields<C extends Contract> = {
  readonly [Identifier in keyof C["resource"]["attributes"] & string]: FieldOf<
    C["resource"]["attributes"][Identifier]
  >;
};

/** What every span has, whatever its contract says. */
export interface Intrinsics<Span extends string = string> {
  readonly name: NameField<Span>;
  readonly duration: Quantity<"duration">;
  readonly status: StatusField;
  readonly statusMessage: TextField;
  readonly kind: KindField;
  readonly traceId: TextField;
  /** The name of the trace's first span, empty where the store has none without a parent. */
  readonly traceRootName: TextField;
  /** From the first start to the last end of all the trace's spans, other requests' too. */
  readonly traceDuration: Quantity<"duration">;
}

export function createIntrinsics<C extends Contract>(contract: C): Intrinsics<SpanOf<C>> {
  const names = Object.entries(contract.spans).map(([identifier, { name }]) => [identifier, name]);
  return {
    name: new NameField(Object.fromEntries(names)),
    duration: new Quantity("duration", fieldExpression(intrinsic("span:duration"))),
    status: new StatusField(),
    statusMessage: new TextField(intrinsic("span:statusMessage")),
    kind: new KindField(),
    traceId: new TextField(intrinsic("trace:id")),
    traceRootName: new TextField(intrinsic("trace:rootName")),
    traceDuration: new Quantity("duration", fieldExpression(intrinsic("trace:duration"))),
  };
}

export function createFields(
  scope: "span" | "resource",
  attributes: AttributeRecord,
): Readonly<Record<string, FieldOf<Attribute>>> {
  return Object.fromEntries(
    Object.entries(attributes).map(([identifier, { key, type }]) => [
      identifier,
      createField({ type: "attribute", scope, name: key }, identifier, type),
    ]),
  );
}

function createField(
  field: FieldSyntax,
  identifier: string,
  type: Attribute["type"],
): FieldOf<Attribute> {
  switch (type) {
    case "int":
    case "double":
      return new Quantity(type, fieldExpression(field), identifier);
    case "boolean":
      return new BooleanField(field, identifier);
    case "string":
      return new TextField(field, identifier);
    default:
      return type satisfies never;
  }
}
