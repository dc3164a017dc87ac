/** A contract as it is guessed: what a file is written of. Every guess has its evidence beside it. */
import {
  type Attribute,
  type AttributeRecord,
  boolean,
  defineAttributes,
  double,
  int,
  oneOf,
  string,
} from "../define/attribute.ts";
import { type Contract, defineContract, type Outcome } from "../define/contract.ts";
import { defineResource } from "../define/resource.ts";
import { type ContractSpanKind, defineSpanTree, type Presence, span } from "../define/span.ts";

export interface AttributeDraft {
  readonly key: string;
  readonly type: "int" | "double" | "string" | "boolean";
  readonly brief: string;
  readonly examples: readonly (string | number)[];
  readonly unit?: string | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly pattern?: string | undefined;
  readonly values?: readonly string[] | undefined;
  readonly semconv?: string | undefined;
  readonly unique?: boolean;
  /** What was seen, in words. */
  readonly evidence: string;
}

/** Lists of identifiers change while a draft is compared with what was seen. */
export interface SpanDraft {
  readonly name: string;
  readonly brief: string;
  parent: string | null;
  alsoUnder: string[];
  readonly kind: ContractSpanKind;
  presence: Presence;
  readonly tracer: string | undefined;
  detached: boolean;
  atStart: string[];
  atEnd: string[];
  onSuccess: string[];
  optional: string[];
  readonly evidence: string;
}

export interface OutcomeDraft extends Pick<Outcome, "brief" | "tree" | "rootStatus"> {
  readonly needs: readonly string[];
  readonly evidence: string;
}

export interface ContractDraft {
  readonly service: string;
  readonly tracerName: string;
  /** By identifier, as all records here. The service's name is the first. */
  readonly resource: Record<string, AttributeDraft>;
  readonly instance: AttributeDraft | undefined;
  readonly defaults: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, AttributeDraft>>;
  /** A parent stands before its children, and siblings in the order in which they run. */
  readonly spans: ReadonlyMap<string, SpanDraft>;
  outcomes:
    | { readonly attribute: string; readonly byName: Readonly<Record<string, OutcomeDraft>> }
    | undefined;
  failures: "by-rule" | "freely";
  /** Which rules the spans would break otherwise, and how often. */
  failuresEvidence: string;
  /** Wire names, with the reason for each. */
  readonly undeclared: ReadonlyMap<string, string>;
}

/** The contract that a draft's file declares. */
export function toContract(draft: ContractDraft): Contract {
  const attributes = toAttributes(draft.attributes);
  const spans = Object.fromEntries(
    [...draft.spans].map(([identifier, { name, alsoUnder, tracer, detached, ...described }]) => [
      identifier,
      span(name, {
        ...described,
        ...(alsoUnder.length > 0 ? { alsoUnder } : {}),
        ...(tracer === undefined ? {} : { tracer }),
        ...(detached ? { detached } : {}),
      } as never),
    ]),
  );
  return defineContract({
    tracerName: draft.tracerName,
    resource: defineResource({
      attributes: toAttributes(draft.resource),
      serviceName: Object.keys(draft.resource)[0] ?? "",
      ...(draft.instance === undefined
        ? {}
        : { instance: toAttribute(draft.instance) as Attribute<"string", string> }),
      defaults: draft.defaults,
    } as never),
    attributes,
    spans: defineSpanTree(attributes, spans as never),
    logEvents: {},
    invariants: [],
    ...(draft.outcomes === undefined ? {} : { outcomes: draft.outcomes }),
    ...(draft.failures === "freely" ? { failures: "freely" } : {}),
    ...(draft.undeclared.size > 0 ? { undeclared: [...draft.undeclared.keys()] } : {}),
  } as never);
}

function toAttributes(drafts: Readonly<Record<string, AttributeDraft>>): AttributeRecord {
  return defineAttributes(
    Object.fromEntries(
      Object.entries(drafts).map(([identifier, draft]) => [identifier, toAttribute(draft)]),
    ),
  );
}

function toAttribute({
  key,
  type,
  values,
  pattern,
  evidence: _,
  ...given
}: AttributeDraft): Attribute {
  const description = {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ...(pattern === undefined ? {} : { pattern: new RegExp(pattern) }),
  } as never;
  if (values !== undefined) {
    return oneOf(key as never, values as never, description);
  }
  switch (type) {
    case "int":
      return int(key as never, description);
    case "double":
      return double(key as never, description);
    case "string":
      return string(key as never, description);
    case "boolean":
      return boolean(key as never, description);
    default:
      return type satisfies never;
  }
}
