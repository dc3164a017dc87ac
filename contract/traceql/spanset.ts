import type { Contract } from "../define/contract.ts";
import type { SpanOf } from "./field.ts";
import {
  type MetricsStage,
  type Relation,
  type SpansetOperator,
  type Spanset as SpansetSyntax,
  type Stage,
  startPosition,
} from "./language/index.ts";
import { MetricsQuery } from "./metrics-query.ts";
import type { Quantity } from "./quantity.ts";
import type { Scope } from "./scope.ts";
import { type IntegerOn, type QuantityOn, SearchQuery } from "./search-query.ts";

/** Keeps the spans of both sides of a relation, where otherwise those remain that it is asked of. */
interface Kept {
  readonly keep: "both";
}

/**
 * Spans of traces: those of one filter, or those that stand in a relation to others. It is a search
 * by itself, and what metrics are made of.
 */
export class Spanset<
  C extends Contract = Contract,
  Span extends SpanOf<C> = SpanOf<C>,
> extends SearchQuery<C, Span> {
  /** Without the conditions for what is found, which related spans need not meet. */
  readonly #bare: SpansetSyntax;

  /** @param stages Where they are not those of the bare spanset with what is chosen behind it. */
  constructor(
    bare: SpansetSyntax,
    scope: Scope<C>,
    found: readonly string[],
    stages: readonly Stage[] = [{ type: "spanset", spanset: bare }, ...scope.chosenFilter()],
  ) {
    super({ stages, metrics: null, seriesStages: [], hints: [] }, scope, found);
    this.#bare = bare;
  }

  /**
   * Those of these spans that are the child, the descendant, the parent, the ancestor or a sibling of
   * one of the others: `decode.related("child", handlers)` is `{ handlers } > { decode }`.
   */
  related(relation: Relation, others: Spanset<C>): Spanset<C, Span>;
  related<Other extends SpanOf<C>>(
    relation: Relation,
    others: Spanset<C, Other>,
    kept: Kept,
  ): Spanset<C, Span | Other>;
  related(relation: Relation, others: Spanset<C>, kept?: Kept): Spanset<C, Span> {
    const isUnion = kept !== undefined;
    const found = isUnion ? [...this.found, ...others.found] : this.found;
    return this.#combined(
      { type: "structural", relation, isNegated: false, isUnion },
      others.#bare,
      this.#bare,
      found,
    );
  }

  /**
   * Those of these spans that stand in this relation to none of the others, which may be missing in
   * the whole trace: `handlers.unrelated("ancestor", decode)` are requests without that stage.
   */
  unrelated(relation: Relation, others: Spanset<C>): Spanset<C, Span> {
    return this.#combined(
      { type: "structural", relation, isNegated: true, isUnion: false },
      others.#bare,
      this.#bare,
      this.found,
    );
  }

  /** The spans of both, in traces that have both. */
  and<Other extends SpanOf<C>>(others: Spanset<C, Other>): Spanset<C, Span | Other> {
    return this.#joined("and", others);
  }

  /** The spans of both, in traces that have one of the two. */
  or<Other extends SpanOf<C>>(others: Spanset<C, Other>): Spanset<C, Span | Other> {
    return this.#joined("or", others);
  }

  /** Spans a second. */
  rate(): MetricsQuery<C, Span> {
    return this.#metrics("rate");
  }

  countOverTime(): MetricsQuery<C, Span> {
    return this.#metrics("count_over_time");
  }

  minOverTime(of: QuantityOn<C, Span> | Measured): MetricsQuery<C, Span> {
    return this.#metrics("min_over_time", of);
  }

  maxOverTime(of: QuantityOn<C, Span> | Measured): MetricsQuery<C, Span> {
    return this.#metrics("max_over_time", of);
  }

  avgOverTime(of: QuantityOn<C, Span> | Measured): MetricsQuery<C, Span> {
    return this.#metrics("avg_over_time", of);
  }

  /** Tempo 3.0.3 answers less than the sum of an attribute. */
  sumOverTime(of: QuantityOn<C, Span> | Measured): MetricsQuery<C, Span> {
    return this.#metrics("sum_over_time", of);
  }

  /**
   * Up to a factor of 2 off, because Tempo counts in buckets of powers of 2. Not of doubles, of which
   * it counts the whole ones only; of integers below 2 it counts none.
   * @param quantiles From 0 to 1.
   */
  quantileOverTime(
    of: IntegerOn<C, Span> | Counted,
    ...quantiles: readonly [number, ...number[]]
  ): MetricsQuery<C, Span> {
    const wrong = quantiles.filter((quantile) => !(quantile >= 0 && quantile <= 1));
    if (wrong.length > 0) {
      throw new RangeError(`A quantile is from 0 to 1, not ${wrong.join(", ")}.`);
    }
    return this.#metrics("quantile_over_time", of, quantiles);
  }

  /** A series for each bucket, a power of 2. Not of doubles, for the reason that quantiles have. */
  histogramOverTime(of: IntegerOn<C, Span> | Counted): MetricsQuery<C, Span> {
    return this.#metrics("histogram_over_time", of);
  }

  #metrics(
    name: MetricsStage["function"],
    of?: string | Measured,
    quantiles: readonly number[] = [],
  ): MetricsQuery<C, Span> {
    const measured = of === undefined ? null : this.scope.syntaxOn(this.found, of);
    const stage: MetricsStage = {
      function: name,
      of: measured,
      quantiles,
      by: [],
      compare: null,
      at: startPosition,
    };
    return new MetricsQuery(this.query, stage, this.scope, this.found);
  }

  #joined<Other extends SpanOf<C>>(
    type: "and" | "or",
    others: Spanset<C, Other>,
  ): Spanset<C, Span | Other> {
    const found = [...this.found, ...others.found];
    return this.#combined({ type }, this.#bare, others.#bare, found);
  }

  /** What is chosen of its spans is said once, behind it: Tempo reads short queries only. */
  #combined(
    operator: SpansetOperator,
    left: SpansetSyntax,
    right: SpansetSyntax,
    found: readonly string[],
  ): Spanset<C> {
    const bare = { type: "combined", operator, left, right, at: startPosition } as const;
    return new Spanset(bare, this.scope, found);
  }
}

/** What can be averaged. */
type Measured = Quantity<"int"> | Quantity<"double"> | Quantity<"duration">;

/** What can be counted in buckets. */
type Counted = Quantity<"int"> | Quantity<"duration">;
