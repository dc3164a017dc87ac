import type { AttributeScope } from "#traceql";

/** A metric that is known, with its labels where all of them are. */
export interface KnownMetric {
  /** "any" where nothing says which it has. */
  readonly labels: ReadonlySet<string> | "any";
  /** Labels that have no other values than these. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** Values of labels that a store has. */
  readonly seen?: ReadonlyMap<string, readonly string[]>;
}

export type Scope = Exclude<AttributeScope, "any">;

/** The names that a contract declares, or that a store or a file has. */
export interface KnownNames {
  /** What they come from, for a sentence: `the contract of miniserve`. */
  readonly source: string;
  /** Whether it has what is really there, and declares nothing. */
  readonly isStore?: boolean;
  /** Undefined when it has nothing to say about traces, or about metrics. */
  readonly traces?: KnownTraces;
  readonly metrics?: KnownMetrics;
  readonly renames?: Renames;
}

/** Earlier names to those of now. */
export interface Renames {
  /** Scope and name, with a dot between them. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly spanNames: ReadonlyMap<string, string>;
  /** As Prometheus has them, each series of a histogram. */
  readonly metrics: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<string, string>;
}

export interface KnownTraces {
  readonly attributes: ReadonlyMap<Scope, ReadonlySet<string>>;
  readonly spanNames: ReadonlySet<string>;
  /** Whether spans may have an attribute of that name without its being declared. */
  readonly mayHave?: (name: string) => boolean;
  /** The values of those attributes that have no others, by `scope.name`. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** Those that a store has, by the same. */
  readonly seen?: ReadonlyMap<string, readonly string[]>;
}

export interface KnownMetrics {
  readonly byName: ReadonlyMap<string, KnownMetric>;
  /** Whether labels that a scrape puts on are in there. */
  readonly hasTargetLabels: boolean;
}

/** The renames of everything that is known. */
export function allRenames(known: readonly KnownNames[]): Renames {
  const of = (kind: keyof Renames) =>
    new Map(known.flatMap(({ renames }) => [...(renames?.[kind] ?? [])]));
  return {
    attributes: of("attributes"),
    spanNames: of("spanNames"),
    metrics: of("metrics"),
    labels: of("labels"),
  };
}
