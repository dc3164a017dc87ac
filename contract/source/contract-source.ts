import type { AttributeType, SemanticConvention } from "../define/attribute.ts";
import type { Contract, Invariant, Outcome } from "../define/contract.ts";
import type { Lifecycle } from "../define/lifecycle.ts";
import type { LogEventDescription } from "../define/log-event.ts";
import type { NamedMetric } from "../define/metric.ts";
import type { SpanDescription } from "../define/span.ts";

/** What is said about an entry where it stands. */
export interface Commented {
  /** What this entry and those after it belong to, after an empty line. */
  readonly section?: string;
  /** Sentences above the entry. */
  readonly comment?: readonly string[];
  /** A sentence above one of its properties, by the property's name. */
  readonly notes?: Readonly<Record<string, string>>;
}

/** An attribute as plain data, in the words of its declaration. */
export interface AttributeSource extends Lifecycle, Commented {
  readonly type: AttributeType;
  readonly key: string;
  /** The closed list of a string's values. */
  readonly values?: readonly string[];
  readonly brief: string;
  readonly examples?: readonly (string | number)[];
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  /** As it is declared: the definition makes it match whole values. */
  readonly pattern?: RegExp;
  readonly semconv?: string | SemanticConvention;
  readonly extension?: boolean;
  readonly unique?: boolean;
}

export interface SpanSource extends SpanDescription, Commented {
  readonly name: string;
}

export interface MetricSource extends NamedMetric, Commented {}

export interface LogEventSource extends LogEventDescription, Commented {
  readonly name: string;
}

type Sources<Source> = Readonly<Record<string, Source>>;

/** A whole contract as plain data: what `writeContract` makes a file of. Records are by identifier. */
export interface ContractSource extends Partial<Pick<Contract, "failures">>, Commented {
  /** The name of the constant that the file exports. */
  readonly name: string;
  /** What the contract is of, above that constant. */
  readonly brief: string;
  readonly tracerName: string;
  /** Names of attributes that are not judged, with a reason if there is one. */
  readonly undeclared?: readonly { readonly name: string; readonly reason?: string }[];
  readonly outcomes?: {
    readonly attribute: string;
    readonly byName: Sources<Outcome & Commented>;
  };
  readonly resource: {
    readonly attributes: Sources<AttributeSource>;
    readonly serviceName: string;
    readonly instance?: AttributeSource;
    readonly defaults: Readonly<Record<string, string>>;
  };
  readonly attributes: Sources<AttributeSource>;
  readonly spans: Sources<SpanSource>;
  readonly metrics?: Sources<MetricSource>;
  /** What log lines have besides the attributes. */
  readonly logFields?: Sources<AttributeSource>;
  readonly logEvents?: Sources<LogEventSource>;
  readonly invariants?: readonly Invariant[];
}
