import type { AttributeScope } from "#traceql";

/** A range of a query's text, in UTF-16 units. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A name that a query asks for. */
export type Ask =
  | { readonly type: "metric"; readonly name: string; readonly at: Span }
  | {
      readonly type: "label";
      readonly name: string;
      /** Those that should have it; none where it is not known which. */
      readonly metrics: readonly string[];
      readonly at: Span;
    }
  | {
      readonly type: "label value";
      readonly label: string;
      readonly metrics: readonly string[];
      /** One of these is enough. */
      readonly values: readonly string[];
      readonly at: Span;
    }
  | {
      readonly type: "attribute";
      readonly scope: AttributeScope;
      readonly name: string;
      readonly at: Span;
    }
  | {
      readonly type: "attribute value";
      readonly scope: AttributeScope;
      readonly name: string;
      readonly values: readonly string[];
      readonly at: Span;
    }
  | { readonly type: "span name"; readonly values: readonly string[]; readonly at: Span };

/** What must exist for a query to find something. */
export type Need =
  | Ask
  | { readonly type: "all" | "any"; readonly parts: readonly Need[] }
  /** Its absence empties nothing. */
  | { readonly type: "may"; readonly part: Need }
  /** What cannot be told from the query alone. */
  | { readonly type: "unknown"; readonly why: string };

export function allOf(parts: readonly Need[]): Need {
  return { type: "all", parts };
}

export function anyOf(parts: readonly Need[]): Need {
  return { type: "any", parts };
}

/** A query taken apart, or where it cannot be. */
export type TakenApart =
  | { readonly type: "needs"; readonly need: Need; readonly runnable?: RunnableQuery }
  | { readonly type: "unreadable"; readonly message: string; readonly at: Span }
  | { readonly type: "not judged"; readonly why: string };

/** A query as a store can be asked, with nothing of Grafana's left in it. */
export interface RunnableQuery {
  readonly language: "traceql" | "promql";
  readonly text: string;
}
