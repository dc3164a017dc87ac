import type { Attribute, AttributeRecord } from "../define/attribute.ts";
import type { Contract } from "../define/contract.ts";
import type { IdentifierOf } from "../define/span.ts";
import { BooleanField, intrinsic, KindField, NameField, StatusField, TextField } from "./field.ts";
import { type Field as FieldSyntax, fieldExpression } from "./language/index.ts";
import { Quantity } from "./quantity.ts";

/** The identifiers of a contract's spans. */
export type SpanOf<Terms extends Contract> = keyof Terms["spans"] & string;

/** The identifiers of the attributes that one of the named spans carries. */
export type CarriedBy<Terms extends Contract, Span extends SpanOf<Terms>> = IdentifierOf<
  Terms["spans"][Span]
> &
  keyof Terms["attributes"] &
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
export type SpanFields<Terms extends Contract, Span extends SpanOf<Terms>> = {
  readonly [Identifier in CarriedBy<Terms, Span>]: FieldOf<Terms["attributes"][Identifier]>;
};

/** The attributes of the resource, by identifier. */
export type ResourceFields<Terms extends Contract> = {
  readonly [Identifier in keyof Terms["resource"]["attributes"] & string]: FieldOf<
    Terms["resource"]["attributes"][Identifier]
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

export function intrinsicsOf<Terms extends Contract>(contract: Terms): Intrinsics<SpanOf<Terms>> {
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

export function fieldsOf(
  scope: "span" | "resource",
  attributes: AttributeRecord,
): Readonly<Record<string, FieldOf<Attribute>>> {
  return Object.fromEntries(
    Object.entries(attributes).map(([identifier, { key, type }]) => [
      identifier,
      fieldOf({ type: "attribute", scope, name: key }, identifier, type),
    ]),
  );
}

function fieldOf(
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
