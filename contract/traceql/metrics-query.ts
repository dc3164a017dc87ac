import type { Contract } from "../define/contract.ts";
import type { CarriedBy, Field, SpanOf } from "./field.ts";
import { listHints, type MetricsHints } from "./hints.ts";
import {
  type ComparisonOperator,
  type MetricsStage,
  printQuery,
  type Query,
  type SeriesStage,
  startPosition,
} from "./language/index.ts";
import { Comparable, type Duration, toLiteral } from "./quantity.ts";
import type { Scope } from "./scope.ts";

/**
 * Series over time, which may still be ranked or held against a threshold. Values of durations are
 * held against seconds, or a `Duration`.
 */
export class SeriesQuery extends Comparable<number | Duration, SeriesQuery> {
  readonly type = "metrics";
  readonly query: Query;

  constructor(query: Query) {
    super();
    this.query = query;
  }

  get text(): string {
    return printQuery(this.query);
  }

  /** At each step the largest; between equal ones Tempo takes any. */
  topK(count: number): SeriesQuery {
    return this.#seriesStage({ type: "topk", count, at: startPosition });
  }

  bottomK(count: number): SeriesQuery {
    return this.#seriesStage({ type: "bottomk", count, at: startPosition });
  }

  with(hints: MetricsHints): SeriesQuery {
    return new SeriesQuery({
      ...this.query,
      hints: [...this.query.hints, ...listHints(hints)],
    });
  }

  protected compare(operator: ComparisonOperator, value: number | Duration): SeriesQuery {
    return this.#seriesStage({
      type: "threshold",
      operator,
      value: toLiteral(value),
      at: startPosition,
    });
  }

  #seriesStage(stage: SeriesStage): SeriesQuery {
    return new SeriesQuery({
      ...this.query,
      seriesStages: [...this.query.seriesStages, stage],
    });
  }
}

const maxGroups = 5;

/** Series that may still be grouped by what their own spans carry. */
export class MetricsQuery<
  C extends Contract = Contract,
  Span extends SpanOf<C> = SpanOf<C>,
> extends SeriesQuery {
  readonly #metrics: MetricsStage;
  readonly #scope: Scope<C>;
  readonly #spans: readonly string[];

  constructor(search: Query, metrics: MetricsStage, scope: Scope<C>, spans: readonly string[]) {
    super({ ...search, metrics });
    this.#metrics = metrics;
    this.#scope = scope;
    this.#spans = spans;
  }

  /**
   * A series for each value, `nil` among them. Grouping sees nothing but the span itself: what a
   * parent carries must stand on the span too.
   * @throws RangeError for more than five, or for what the spans do not carry.
   */
  by(
    ...fields: readonly [CarriedBy<C, Span> | Field, ...(CarriedBy<C, Span> | Field)[]]
  ): SeriesQuery {
    if (fields.length > maxGroups) {
      throw new RangeError(`TraceQL groups by ${maxGroups} fields at most, not ${fields.length}.`);
    }
    const by = fields.map((field) => this.#scope.syntaxOn(this.#spans, field));
    return new SeriesQuery({ ...this.query, metrics: { ...this.#metrics, by } });
  }
}
