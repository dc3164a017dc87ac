import type { Contract } from "../define/contract.ts";
import type { SpanOf } from "./fields.ts";
import { decimal } from "./literal.ts";
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
  Terms extends Contract = Contract,
  Span extends SpanOf<Terms> = SpanOf<Terms>,
> extends SearchQuery<Terms, Span> {
  /** The operator of its last combination, or null for a single filter. */
  readonly #operator: string | null;
  /** Without the conditions for what is found, which related spans need not meet. */
  readonly #bareText: string;

  constructor(
    text: string,
    scope: Scope<Terms>,
    found: readonly string[],
    { operator = null, bareText }: { operator?: string | null; bareText: string },
  ) {
    super(text, scope, found);
    this.#operator = operator;
    this.#bareText = bareText;
  }

  /** Those of these spans that are children of one of the others: `others > these`. */
  childOf(others: Spanset<Terms>): Spanset<Terms, Span>;
  childOf<Other extends SpanOf<Terms>>(
    others: Spanset<Terms, Other>,
    kept: Kept,
  ): Spanset<Terms, Span | Other>;
  childOf(others: Spanset<Terms>, kept?: Kept): Spanset<Terms, Span> {
    return this.#related(">", others, kept);
  }

  /** Those anywhere below one of the others: `others >> these`. */
  descendantOf(others: Spanset<Terms>): Spanset<Terms, Span>;
  descendantOf<Other extends SpanOf<Terms>>(
    others: Spanset<Terms, Other>,
    kept: Kept,
  ): Spanset<Terms, Span | Other>;
  descendantOf(others: Spanset<Terms>, kept?: Kept): Spanset<Terms, Span> {
    return this.#related(">>", others, kept);
  }

  /** Those that are the parent of one of the others: `others < these`. */
  parentOf(others: Spanset<Terms>): Spanset<Terms, Span>;
  parentOf<Other extends SpanOf<Terms>>(
    others: Spanset<Terms, Other>,
    kept: Kept,
  ): Spanset<Terms, Span | Other>;
  parentOf(others: Spanset<Terms>, kept?: Kept): Spanset<Terms, Span> {
    return this.#related("<", others, kept);
  }

  /** Those anywhere above one of the others: `others << these`. */
  ancestorOf(others: Spanset<Terms>): Spanset<Terms, Span>;
  ancestorOf<Other extends SpanOf<Terms>>(
    others: Spanset<Terms, Other>,
    kept: Kept,
  ): Spanset<Terms, Span | Other>;
  ancestorOf(others: Spanset<Terms>, kept?: Kept): Spanset<Terms, Span> {
    return this.#related("<<", others, kept);
  }

  /** Those with the same parent as one of the others: `others ~ these`. */
  siblingOf(others: Spanset<Terms>): Spanset<Terms, Span>;
  siblingOf<Other extends SpanOf<Terms>>(
    others: Spanset<Terms, Other>,
    kept: Kept,
  ): Spanset<Terms, Span | Other>;
  siblingOf(others: Spanset<Terms>, kept?: Kept): Spanset<Terms, Span> {
    return this.#related("~", others, kept);
  }

  /** Those whose parent is none of the others, or is not there. */
  notChildOf(others: Spanset<Terms>): Spanset<Terms, Span> {
    return this.#related("!>", others);
  }

  notDescendantOf(others: Spanset<Terms>): Spanset<Terms, Span> {
    return this.#related("!>>", others);
  }

  /** Those without one of the others among their children. */
  withoutChild(others: Spanset<Terms>): Spanset<Terms, Span> {
    return this.#related("!<", others);
  }

  /**
   * Those without one of the others anywhere below: requests without a stage. Also where no such span
   * is in the whole trace.
   */
  withoutDescendant(others: Spanset<Terms>): Spanset<Terms, Span> {
    return this.#related("!<<", others);
  }

  withoutSibling(others: Spanset<Terms>): Spanset<Terms, Span> {
    return this.#related("!~", others);
  }

  /** The spans of both, in traces that have both. */
  and<Other extends SpanOf<Terms>>(others: Spanset<Terms, Other>): Spanset<Terms, Span | Other> {
    return this.#combined("&&", others);
  }

  /** The spans of both, in traces that have one of the two. */
  or<Other extends SpanOf<Terms>>(others: Spanset<Terms, Other>): Spanset<Terms, Span | Other> {
    return this.#combined("||", others);
  }

  /** Spans a second. */
  rate(): MetricsQuery<Terms, Span> {
    return this.#metrics("rate()");
  }

  countOverTime(): MetricsQuery<Terms, Span> {
    return this.#metrics("count_over_time()");
  }

  minimumOverTime(of: QuantityOn<Terms, Span> | Measured): MetricsQuery<Terms, Span> {
    return this.#metrics(`min_over_time(${this.#measured(of)})`);
  }

  maximumOverTime(of: QuantityOn<Terms, Span> | Measured): MetricsQuery<Terms, Span> {
    return this.#metrics(`max_over_time(${this.#measured(of)})`);
  }

  averageOverTime(of: QuantityOn<Terms, Span> | Measured): MetricsQuery<Terms, Span> {
    return this.#metrics(`avg_over_time(${this.#measured(of)})`);
  }

  /** Tempo 3.0.3 answers less than the sum of an attribute. */
  sumOverTime(of: QuantityOn<Terms, Span> | Measured): MetricsQuery<Terms, Span> {
    return this.#metrics(`sum_over_time(${this.#measured(of)})`);
  }

  /**
   * Up to a factor of 2 off, because Tempo counts in buckets of powers of 2. Not of doubles, of which
   * it counts the whole ones only; of integers below 2 it counts none.
   * @param quantiles From 0 to 1.
   */
  quantileOverTime(
    of: IntegerOn<Terms, Span> | Counted,
    ...quantiles: readonly [number, ...number[]]
  ): MetricsQuery<Terms, Span> {
    const wrong = quantiles.filter((quantile) => !(quantile >= 0 && quantile <= 1));
    if (wrong.length > 0) {
      throw new RangeError(`A quantile is from 0 to 1, not ${wrong.join(", ")}.`);
    }
    const texts = quantiles.map(decimal).join(", ");
    return this.#metrics(`quantile_over_time(${this.#measured(of)}, ${texts})`);
  }

  /** A series for each bucket, a power of 2. Not of doubles, for the reason that quantiles have. */
  histogramOverTime(of: IntegerOn<Terms, Span> | Counted): MetricsQuery<Terms, Span> {
    return this.#metrics(`histogram_over_time(${this.#measured(of)})`);
  }

  #metrics(stage: string): MetricsQuery<Terms, Span> {
    return new MetricsQuery(`${this.text} | ${stage}`, this.scope, this.found);
  }

  /** @throws RangeError for a computation: TraceQL measures one field. */
  #measured(of: string | Measured): string {
    const { text } = this.scope.fieldOn(this.found, of);
    if (text.includes(" ")) {
      throw new RangeError(`TraceQL measures an attribute or the duration, not ${text}.`);
    }
    return text;
  }

  #related(operator: string, others: Spanset<Terms>, kept?: Kept): Spanset<Terms, Span> {
    const relation = kept === undefined ? operator : `&${operator}`;
    const found = kept === undefined ? this.found : [...this.found, ...others.found];
    return this.#combination(
      `${others.#operand()} ${relation} ${this.#operand()}`,
      relation,
      found,
    );
  }

  #combined<Other extends SpanOf<Terms>>(
    operator: string,
    others: Spanset<Terms, Other>,
  ): Spanset<Terms, Span | Other> {
    const left = this.#operator === operator ? this.#bareText : this.#operand();
    const found = [...this.found, ...others.found];
    return this.#combination(`${left} ${operator} ${others.#operand()}`, operator, found);
  }

  /** What is chosen of its spans is said once, behind it: Tempo reads short queries only. */
  #combination(bareText: string, operator: string, found: readonly string[]): Spanset<Terms> {
    const text = `${bareText}${this.scope.chosenFilter()}`;
    return new Spanset(text, this.scope, found, { operator, bareText });
  }

  /** Operators between spansets bind alike, so each other combination stands in parentheses. */
  #operand(): string {
    return this.#operator === null ? this.#bareText : `(${this.#bareText})`;
  }
}

/** What can be averaged. */
type Measured = Quantity<"int"> | Quantity<"double"> | Quantity<"duration">;

/** What can be counted in buckets. */
type Counted = Quantity<"int"> | Quantity<"duration">;
