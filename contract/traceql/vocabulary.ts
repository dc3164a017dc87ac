import type { Contract } from "../define/contract.ts";
import type { Condition, PatternVariable, TextVariable } from "./condition.ts";
import {
  createFields,
  type Intrinsics,
  type ResourceFields,
  type SpanFields,
  type SpanOf,
} from "./field.ts";
import { Scope } from "./scope.ts";
import { Spanset } from "./spanset.ts";

/** A condition, written with the attributes that the spans carry and with what every span has. */
type Where<C extends Contract, Span extends SpanOf<C>> = (
  attributes: SpanFields<C, Span>,
  span: Intrinsics<SpanOf<C>>,
  resource: ResourceFields<C>,
) => Condition;

interface TraceqlOptions {
  /** Whose spans are asked for: the contract's service, unless it runs under another name. */
  readonly service?: string | TextVariable | PatternVariable;
}

/**
 * TraceQL in the words of a contract. Spans and attributes are named by identifier, and what a
 * contract does not say does not compile. What is printed asks for the contract's service only.
 *
 * ```ts
 * const query = traceql(miniserve);
 * query.spans("decode", (a) => a.tokensOut.eq(0)).select("stopReason", "decodeSteps").text;
 * ```
 */
export function traceql<C extends Contract>(
  contract: C,
  { service }: TraceqlOptions = {},
): Traceql<C> {
  return new Traceql(Scope.ofService(contract, service));
}

export class Traceql<C extends Contract> {
  /** What every span has: for `select`, `by` and metrics. */
  readonly span: Intrinsics<SpanOf<C>>;
  readonly resource: ResourceFields<C>;
  readonly #scope: Scope<C>;

  constructor(scope: Scope<C>) {
    this.#scope = scope;
    this.span = scope.span;
    this.resource = scope.resource;
  }

  /** The spans with this name, or with one of these. */
  spans<Span extends SpanOf<C>>(
    identifiers: Span | readonly Span[],
    where?: Where<C, Span>,
  ): Spanset<C, Span> {
    const named: readonly Span[] = typeof identifiers === "string" ? [identifiers] : identifiers;
    const condition = where?.(this.attributes(...named), this.span, this.resource);
    return this.#spanset(named, condition, named);
  }

  /** The spans with any name. */
  anySpan(where?: Where<C, SpanOf<C>>): Spanset<C, SpanOf<C>> {
    const all = Object.keys(this.#scope.contract.spans) as SpanOf<C>[];
    const condition = where?.(this.attributes(...all), this.span, this.resource);
    return this.#spanset(null, condition, all);
  }

  /** The attributes of a span, or of several, by identifier, in the order of the contract. */
  attributes<Span extends SpanOf<C>>(...identifiers: readonly Span[]): SpanFields<C, Span> {
    const carried = identifiers.map((span) => this.#scope.contract.spans[span]?.attributes ?? {});
    return createFields("span", Object.assign({}, ...carried)) as SpanFields<C, Span>;
  }

  /**
   * The same with one more condition for the spans that are found, such as the version that is looked
   * at. Those that they are related to need not meet it.
   */
  within(
    where: (resource: ResourceFields<C>, span: Intrinsics<SpanOf<C>>) => Condition,
  ): Traceql<C> {
    return new Traceql(this.#scope.within(where(this.resource, this.span)));
  }

  #spanset<Span extends SpanOf<C>>(
    named: readonly Span[] | null,
    condition: Condition | undefined,
    found: readonly Span[],
  ): Spanset<C, Span> {
    const bare = this.#scope.filter(named, condition, []);
    const spanset = this.#scope.filter(named, condition);
    return new Spanset(bare, this.#scope, found, [{ type: "spanset", spanset }]);
  }
}
