import type { Contract } from "../define/contract.ts";
import type { Field } from "./field.ts";
import type { CarriedBy, SpanOf } from "./fields.ts";
import { hintsText, type SearchHints } from "./hints.ts";
import { type LiteralOf, literalText, type Quantity, type QuantityKind } from "./quantity.ts";
import type { Scope } from "./scope.ts";

/** Identifiers of the integers and doubles that one of the spans carries. */
export type QuantityOn<Terms extends Contract, Span extends SpanOf<Terms>> = OfKind<
  Terms,
  Span,
  "int" | "double"
>;

/** Identifiers of the integers that one of the spans carries. */
export type IntegerOn<Terms extends Contract, Span extends SpanOf<Terms>> = OfKind<
  Terms,
  Span,
  "int"
>;

type OfKind<Terms extends Contract, Span extends SpanOf<Terms>, Kind> = {
  [Identifier in CarriedBy<Terms, Span>]: Terms["attributes"][Identifier]["type"] extends Kind
    ? Identifier
    : never;
}[CarriedBy<Terms, Span>];

/** A search: it finds spansets, and may filter, group and show more of them. */
export class SearchQuery<
  Terms extends Contract = Contract,
  Span extends SpanOf<Terms> = SpanOf<Terms>,
> {
  readonly type = "search";
  readonly text: string;
  protected readonly scope: Scope<Terms>;
  /** Identifiers of the spans that it finds. */
  protected readonly found: readonly string[];

  constructor(text: string, scope: Scope<Terms>, found: readonly string[]) {
    this.text = text;
    this.scope = scope;
    this.found = found;
  }

  /**
   * What the answer shows of each span besides what the query speaks of. An intrinsic is a field of
   * `vocabulary.span`, what the resource has one of `vocabulary.resource`.
   * @throws RangeError for what the spans do not carry.
   */
  select(
    ...fields: readonly [CarriedBy<Terms, Span> | Field, ...(CarriedBy<Terms, Span> | Field)[]]
  ): SearchQuery<Terms, Span> {
    return this.#stage(`select(${this.#texts(fields)})`);
  }

  /** Makes a spanset of each group of a trace's spans. */
  by(
    ...fields: readonly [CarriedBy<Terms, Span> | Field, ...(CarriedBy<Terms, Span> | Field)[]]
  ): SearchQuery<Terms, Span> {
    return this.#stage(`by(${this.#texts(fields)})`);
  }

  /** How many spans a spanset has. */
  count(): Aggregate<Terms, Span, "number"> {
    return this.#aggregate("number", "count()");
  }

  average<Kind extends QuantityKind = "number">(
    of: QuantityOn<Terms, Span> | Quantity<Kind>,
  ): Aggregate<Terms, Span, Kind> {
    return this.#aggregateOf("avg", of);
  }

  minimum<Kind extends QuantityKind = "number">(
    of: QuantityOn<Terms, Span> | Quantity<Kind>,
  ): Aggregate<Terms, Span, Kind> {
    return this.#aggregateOf("min", of);
  }

  maximum<Kind extends QuantityKind = "number">(
    of: QuantityOn<Terms, Span> | Quantity<Kind>,
  ): Aggregate<Terms, Span, Kind> {
    return this.#aggregateOf("max", of);
  }

  sum<Kind extends QuantityKind = "number">(
    of: QuantityOn<Terms, Span> | Quantity<Kind>,
  ): Aggregate<Terms, Span, Kind> {
    return this.#aggregateOf("sum", of);
  }

  with(hints: SearchHints): SearchQuery<Terms, Span> {
    return new SearchQuery(`${this.text}${hintsText(hints)}`, this.scope, this.found);
  }

  #texts(fields: readonly (string | Field)[]): string {
    return fields.map((field) => this.scope.fieldOn(this.found, field).text).join(", ");
  }

  #stage(stage: string): SearchQuery<Terms, Span> {
    return new SearchQuery(`${this.text} | ${stage}`, this.scope, this.found);
  }

  #aggregateOf<Kind extends QuantityKind>(
    name: string,
    of: string | Quantity<Kind>,
  ): Aggregate<Terms, Span, Kind> {
    const field = this.scope.fieldOn(this.found, of);
    const kind = typeof of === "string" ? ("number" as Kind) : of.kind;
    return this.#aggregate(kind, `${name}(${field.text})`);
  }

  #aggregate<Kind extends QuantityKind>(kind: Kind, text: string): Aggregate<Terms, Span, Kind> {
    return new Aggregate(kind, text, (comparison) => this.#stage(comparison));
  }
}

/** A number for each spanset. A comparison with it keeps the spansets of which it is true. */
export class Aggregate<
  Terms extends Contract,
  Span extends SpanOf<Terms>,
  Kind extends QuantityKind,
> {
  readonly kind: Kind;
  readonly #text: string;
  readonly #keep: (comparison: string) => SearchQuery<Terms, Span>;

  constructor(kind: Kind, text: string, keep: (comparison: string) => SearchQuery<Terms, Span>) {
    this.kind = kind;
    this.#text = text;
    this.#keep = keep;
  }

  is(value: LiteralOf<Kind>): SearchQuery<Terms, Span> {
    return this.#keep(`${this.#text} = ${literalText(value)}`);
  }

  above(value: LiteralOf<Kind>): SearchQuery<Terms, Span> {
    return this.#keep(`${this.#text} > ${literalText(value)}`);
  }

  atLeast(value: LiteralOf<Kind>): SearchQuery<Terms, Span> {
    return this.#keep(`${this.#text} >= ${literalText(value)}`);
  }

  below(value: LiteralOf<Kind>): SearchQuery<Terms, Span> {
    return this.#keep(`${this.#text} < ${literalText(value)}`);
  }

  atMost(value: LiteralOf<Kind>): SearchQuery<Terms, Span> {
    return this.#keep(`${this.#text} <= ${literalText(value)}`);
  }
}
