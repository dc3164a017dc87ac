import type { Contract } from "../define/contract.ts";
import type { CarriedBy, Field, SpanOf } from "./field.ts";
import { listHints, type SearchHints } from "./hints.ts";
import {
  type AggregateFunction,
  type ComparisonOperator,
  type Expression,
  printQuery,
  type Query,
  type Scalar,
  type Stage,
  startPosition,
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
export type QuantityOn<C extends Contract, Span extends SpanOf<C>> = OfKind<
  C,
  Span,
  "int" | "double"
>;

/** Identifiers of the integers that one of the spans carries. */
export type IntegerOn<C extends Contract, Span extends SpanOf<C>> = OfKind<C, Span, "int">;

type OfKind<C extends Contract, Span extends SpanOf<C>, Kind> = {
  [Identifier in CarriedBy<C, Span>]: C["attributes"][Identifier]["type"] extends Kind
    ? Identifier
    : never;
}[CarriedBy<C, Span>];

/** A search: it finds spansets, and may filter, group and show more of them. */
export class SearchQuery<C extends Contract = Contract, Span extends SpanOf<C> = SpanOf<C>> {
  readonly type = "search";
  readonly query: Query;
  protected readonly scope: Scope<C>;
  /** Identifiers of the spans that it finds. */
  protected readonly found: readonly string[];

  constructor(query: Query, scope: Scope<C>, found: readonly string[]) {
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
    ...fields: readonly [CarriedBy<C, Span> | Field, ...(CarriedBy<C, Span> | Field)[]]
  ): SearchQuery<C, Span> {
    return this.#stage({
      type: "select",
      fields: fields.map((field) => this.scope.syntaxOn(this.found, field)),
      at: startPosition,
    });
  }

  /** Makes a spanset of each group of a trace's spans. */
  by(field: CarriedBy<C, Span> | Field): SearchQuery<C, Span> {
    const { expression } = this.scope.fieldOn(this.found, field);
    return this.#stage({ type: "by", expression, at: startPosition });
  }

  /** How many spans a spanset has. */
  count(): Aggregate<C, Span, "number"> {
    return this.#createAggregate("number", "count", null);
  }

  avg<Kind extends QuantityKind = "number">(
    of: QuantityOn<C, Span> | Quantity<Kind>,
  ): Aggregate<C, Span, Kind> {
    return this.#aggregate("avg", of);
  }

  min<Kind extends QuantityKind = "number">(
    of: QuantityOn<C, Span> | Quantity<Kind>,
  ): Aggregate<C, Span, Kind> {
    return this.#aggregate("min", of);
  }

  max<Kind extends QuantityKind = "number">(
    of: QuantityOn<C, Span> | Quantity<Kind>,
  ): Aggregate<C, Span, Kind> {
    return this.#aggregate("max", of);
  }

  sum<Kind extends QuantityKind = "number">(
    of: QuantityOn<C, Span> | Quantity<Kind>,
  ): Aggregate<C, Span, Kind> {
    return this.#aggregate("sum", of);
  }

  with(hints: SearchHints): SearchQuery<C, Span> {
    return this.#changed({ hints: [...this.query.hints, ...listHints(hints)] });
  }

  #stage(stage: Stage): SearchQuery<C, Span> {
    return this.#changed({ stages: [...this.query.stages, stage] });
  }

  #changed(part: Partial<Query>): SearchQuery<C, Span> {
    return new SearchQuery({ ...this.query, ...part }, this.scope, this.found);
  }

  #aggregate<Kind extends QuantityKind>(
    name: AggregateFunction,
    of: string | Quantity<Kind>,
  ): Aggregate<C, Span, Kind> {
    const field = this.scope.fieldOn(this.found, of);
    const kind = typeof of === "string" ? ("number" as Kind) : of.kind;
    return this.#createAggregate(kind, name, field.expression);
  }

  #createAggregate<Kind extends QuantityKind>(
    kind: Kind,
    name: AggregateFunction,
    of: Expression | null,
  ): Aggregate<C, Span, Kind> {
    const aggregate = { type: "aggregate", function: name, of, at: startPosition } as const;
    return new Aggregate(kind, aggregate, (stage) => this.#stage(stage));
  }
}

/** A number for each spanset. A comparison with it keeps the spansets of which it is true. */
export class Aggregate<
  C extends Contract,
  Span extends SpanOf<C>,
  Kind extends QuantityKind,
> extends Comparable<LiteralOf<Kind>, SearchQuery<C, Span>> {
  readonly kind: Kind;
  readonly #aggregate: Scalar;
  readonly #keep: (filter: Stage) => SearchQuery<C, Span>;

  constructor(kind: Kind, aggregate: Scalar, keep: (filter: Stage) => SearchQuery<C, Span>) {
    super();
    this.kind = kind;
    this.#aggregate = aggregate;
    this.#keep = keep;
  }

  protected compare(operator: ComparisonOperator, value: LiteralOf<Kind>): SearchQuery<C, Span> {
    return this.#keep({
      type: "scalarFilter",
      operator,
      left: this.#aggregate,
      right: { type: "literal", literal: toLiteral(value), at: startPosition },
      at: startPosition,
    });
  }
}
