/** How serious a query's findings are. */
export type Severity = "info" | "warning" | "critical";

/** A value in a saved query that the user may set. */
export interface QueryParameter<Value extends number | string = number | string> {
  readonly brief: string;
  /** A UCUM unit, as in attributes. */
  readonly unit?: string;
  readonly default: Value;
  /** True if the default is only an example, so the query needs a value. */
  readonly isRequired?: boolean;
}

/** When a query's count fires an alert. */
export interface AlertCondition {
  /** The time range that it counts. */
  readonly windowMinutes: number;
  /** The highest count that does not fire. */
  readonly above: number;
  /** How long the count must stay above that. */
  readonly forMinutes: number;
}

/** A common question about the traces, with its TraceQL for given parameters. */
export interface SavedQuery {
  /** In kebab-case and permanent: links and alerts use it. */
  readonly id: string;
  readonly title: string;
  /** One question, with a question mark. */
  readonly question: string;
  /** What to do if it finds something. */
  readonly action: string;
  readonly severity: Severity;
  readonly tags: readonly string[];
  readonly parameters: Readonly<Record<string, QueryParameter>>;
  /** Finds the spans. */
  readonly search: string;
  /** The same, with the attributes for a table. */
  readonly table: string;
  /** The table with the newest first, which is slower in Tempo. */
  readonly newest: string;
  /** Counts the findings, each request once if possible; null if TraceQL cannot express it. */
  readonly count: string | null;
  /** The same as one number, and no number where there is nothing; null where `count` is. */
  readonly total: string | null;
  readonly alert: AlertCondition | null;
}

/** Parameters by name. A query uses those that it has. */
export type ParameterValues = Readonly<Record<string, number | string>>;
