import type { Contract } from "../define/contract.ts";
import type { Duration } from "./duration.ts";
import type { Field } from "./field.ts";
import type { CarriedBy, SpanOf } from "./fields.ts";
import { hintsText, type MetricsHints } from "./hints.ts";
import { decimal } from "./literal.ts";
import type { Scope } from "./scope.ts";

/** Series over time, which may still be ranked or held against a threshold. */
export class SeriesQuery {
  readonly type = "metrics";
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** At each step the largest; between equal ones Tempo takes any. */
  topK(count: number): SeriesQuery {
    return new SeriesQuery(`${this.text} | topk(${decimal(count)})`);
  }

  bottomK(count: number): SeriesQuery {
    return new SeriesQuery(`${this.text} | bottomk(${decimal(count)})`);
  }

  /** Keeps the values above. Values of durations are held against seconds, or a `Duration`. */
  above(value: number | Duration): SeriesQuery {
    return this.#threshold(">", value);
  }

  atLeast(value: number | Duration): SeriesQuery {
    return this.#threshold(">=", value);
  }

  below(value: number | Duration): SeriesQuery {
    return this.#threshold("<", value);
  }

  atMost(value: number | Duration): SeriesQuery {
    return this.#threshold("<=", value);
  }

  with(hints: MetricsHints): SeriesQuery {
    return new SeriesQuery(`${this.text}${hintsText(hints)}`);
  }

  #threshold(operator: string, value: number | Duration): SeriesQuery {
    const right = typeof value === "number" ? decimal(value) : value.text;
    return new SeriesQuery(`${this.text} ${operator} ${right}`);
  }
}

const maxGroups = 5;

/** Series that may still be grouped by what their own spans carry. */
export class MetricsQuery<
  Terms extends Contract = Contract,
  Span extends SpanOf<Terms> = SpanOf<Terms>,
> extends SeriesQuery {
  readonly #scope: Scope<Terms>;
  readonly #spans: readonly string[];

  constructor(text: string, scope: Scope<Terms>, spans: readonly string[]) {
    super(text);
    this.#scope = scope;
    this.#spans = spans;
  }

  /**
   * A series for each value, `nil` among them. Grouping sees nothing but the span itself: what a
   * parent carries must stand on the span too.
   * @throws RangeError for more than five, or for what the spans do not carry.
   */
  by(
    ...fields: readonly [CarriedBy<Terms, Span> | Field, ...(CarriedBy<Terms, Span> | Field)[]]
  ): SeriesQuery {
    if (fields.length > maxGroups) {
      throw new RangeError(`TraceQL groups by ${maxGroups} fields at most, not ${fields.length}.`);
    }
    const texts = fields.map((field) => this.#scope.fieldOn(this.#spans, field).text);
    return new SeriesQuery(`${this.text} by (${texts.join(", ")})`);
  }
}
