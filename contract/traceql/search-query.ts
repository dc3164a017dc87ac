import type { Contract } from "../define/contract.ts";
import type { CarriedBy, Field, SpanOf } from "./field.ts";
import { listHints, type SearchHints } from "./hints.ts";
import {
  type AggregateFunction,
  type ComparisonOperator,
  type Expression,
  nowhere,
  printQuery,
  type Query,
  type Scalar,
  type Stage,
} from "./language/index.ts";
import {
  Comparable,
  type LiteralOf,
  type Quantity,
  type QuantityKind,
  toLiteral,
} from "./quantity.ts";
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
  readonly query: Query;
  protected readonly scope: Scope<Terms>;
  /** Identifiers of the spans that it finds. */
  protected readonly found: readonly string[];

  constructor(query: Query, scope: Scope<Terms>, found: readonly string[]) {
    this.query = query;
    this.scope = scope;
    this.found = found;
  }

  get text(): string {
    return printQuery(this.query);
  }

  /**
   * What the answer shows of each span besides what the query speaks of. An intrinsic is a field of
   * `vocabulary.span`, what the resource has one of `vocabulary.resource`.
   * @throws RangeError for what the spans do not carry.
   */
  select(
    ...fields: readonly [CarriedBy<Terms, Span> | Field, ...(CarriedBy<Terms, Span> | Field)[]]
  ): SearchQuery<Terms, Span> {
    return this.#stage({
      type: "select",
      fields: fields.map((field) => this.scope.syntaxOn(this.found, field)),
      at: nowhere,
    });
  }

  /** Makes a spanset of each group of a trace's spans. */
  by(field: CarriedBy<Terms, Span> | Field): SearchQuery<Terms, Span> {
    const { expression } = this.scope.fieldOn(this.found, field);
    return this.#stage({ type: "by", expression, at: nowhere });
  }

  /** How many spans a spanset has. */
  count(): Aggregate<Terms, Span, "number"> {
    return this.#aggregate("number", "count", null);
  }

  avg<Kind extends QuantityKind = "number">(
    of: QuantityOn<Terms, Span> | Quantity<Kind>,
  ): Aggregate<Terms, Span, Kind> {
    return this.#aggregateOf("avg", of);
  }

  min<Kind extends QuantityKind = "number">(
    of: QuantityOn<Terms, Span> | Quantity<Kind>,
  ): Aggregate<Terms, Span, Kind> {
    return this.#aggregateOf("min", of);
  }

  max<Kind extends QuantityKind = "number">(
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
    return this.#changed({ hints: [...this.query.hints, ...listHints(hints)] });
  }

  #stage(stage: Stage): SearchQuery<Terms, Span> {
    return this.#changed({ stages: [...this.query.stages, stage] });
  }

  #changed(part: Partial<Query>): SearchQuery<Terms, Span> {
    return new SearchQuery({ ...this.query, ...part }, this.scope, this.found);
  }

  #aggregateOf<Kind extends QuantityKind>(
    name: AggregateFunction,
    of: string | Quantity<Kind>,
  ): Aggregate<Terms, Span, Kind> {
    const field = this.scope.fieldOn(this.found, of);
    const kind = typeof of === "string" ? ("number" as Kind) : of.kind;
    return this.#aggregate(kind, name, field.expression);
  }

  #aggregate<Kind extends QuantityKind>(
    kind: Kind,
    name: AggregateFunction,
    of: Expression | null,
  ): Aggregate<Terms, Span, Kind> {
    const aggregate = { type: "aggregate", function: name, of, at: nowhere } as const;
    return new Aggregate(kind, aggregate, (stage) => this.#stage(stage));
  }
}

/** A number for each spanset. A comparison with it keeps the spansets of which it is true. */
export class Aggregate<
  Terms extends Contract,
  Span extends SpanOf<Terms>,
  Kind extends QuantityKind,
> extends Comparable<LiteralOf<Kind>, SearchQuery<Terms, Span>> {
  readonly kind: Kind;
  readonly #aggregate: Scalar;
  readonly #keep: (filter: Stage) => SearchQuery<Terms, Span>;

  constructor(kind: Kind, aggregate: Scalar, keep: (filter: Stage) => SearchQuery<Terms, Span>) {
    super();
    this.kind = kind;
    this.#aggregate = aggregate;
    this.#keep = keep;
  }

  protected compare(
    operator: ComparisonOperator,
    value: LiteralOf<Kind>,
  ): SearchQuery<Terms, Span> {
    return this.#keep({
      type: "scalarFilter",
      operator,
      left: this.#aggregate,
      right: { type: "literal", literal: toLiteral(value), at: nowhere },
      at: nowhere,
    });
  }
}
