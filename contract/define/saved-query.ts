/** How much it matters that a query finds something. */
export type Severity = "info" | "warning" | "critical";

/** A value in a saved query that whoever asks may set. */
export interface QueryParameter<Value extends number | string = number | string> {
  readonly meaning: string;
  /** A UCUM unit, as the attributes have it. */
  readonly unit?: string;
  readonly default: Value;
  /** True where the default is an example, and the query says nothing without a value. */
  readonly isRequired?: boolean;
}

/** When what a query counts should wake somebody. */
export interface AlertCondition {
  /** How far back it counts. */
  readonly windowMinutes: number;
  /** How many there may be. */
  readonly above: number;
  /** For how long it must be so. */
  readonly forMinutes: number;
}

/** A question to the traces that is asked again and again, with its TraceQL for given parameters. */
export interface SavedQuery {
  /** kebab-case, the same for ever: links and alerts are named by it. */
  readonly id: string;
  readonly title: string;
  /** One sentence with a question mark. */
  readonly question: string;
  /** What to do when it finds something. */
  readonly action: string;
  readonly severity: Severity;
  readonly tags: readonly string[];
  readonly parameters: Readonly<Record<string, QueryParameter>>;
  /** Finds the spans. */
  readonly search: string;
  /** The same, with the attributes that a table should show. */
  readonly table: string;
  /** The table with the newest first, which Tempo takes longer for. */
  readonly newest: string;
  /** Counts what is found, each request once where that can be had; null where TraceQL has no such form. */
  readonly count: string | null;
  /** The same as one number, and no number where there is nothing; null where `count` is. */
  readonly total: string | null;
  readonly alert: AlertCondition | null;
}

/** Parameters by name. A query takes those that it has. */
export type ParameterValues = Readonly<Record<string, number | string>>;
