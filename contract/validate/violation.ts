import type { Span } from "../otlp/span.ts";

/** The rules that every trace is judged by; the contract's invariants add one each, by their names. */
export const rules = {
  "unknown-span": "Every span of the service is one of the contract's.",
  "duplicate-span-id": "No two spans of a trace have the same id.",
  "duplicated-span": "A stage runs once in a request.",
  orphan: "A span's parent is in the trace; only a request's root may have a remote one.",
  "misplaced-span": "A span's parent is the one that the contract names.",
  "parent-cycle": "No span is its own ancestor.",
  "missing-span": "A request has every stage up to the point where its outcome says it ended.",
  "misordered-span": "The stages of a request follow each other in the contract's order.",
  "outside-parent": "A span lies within the time of its parent.",
  "ends-before-start": "A span ends after it starts.",
  "wrong-kind": "A span has the kind that the contract gives it.",
  "wrong-tracer": "The contract's tracer makes the spans.",
  "missing-attribute": "A span has every attribute that it must have.",
  "unknown-attribute": "A span has no attribute that the contract does not know.",
  "misplaced-attribute": "A span has no attribute that belongs to other spans.",
  "duplicate-attribute": "A span has each attribute once.",
  "wrong-type": "An attribute has the type that the contract gives it.",
  "value-not-allowed": "An attribute's value is one that can be.",
  "wrong-status": "A span's status fits the request's outcome.",
  "wrong-outcome": "A request that was rejected has not run every stage.",
  "wrong-exception":
    "The span that threw has its exception recorded, once, and no other span has one.",
  "unknown-event": "A span has no event other than an exception.",
  "free-text": "A status or exception message is a code of ours, never a sentence with content.",
  "missing-resource-attribute":
    "Every attribute of the resource is there, with a value that can be.",
} as const;

export type Rule = keyof typeof rules;

/** One thing that is wrong with a trace. */
export interface Violation {
  /** A key of `rules`, or the name of one of the contract's invariants. */
  readonly rule: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly spanName: string;
  /** The name on the wire of the attribute, or of the stage that is missing, that it is about. */
  readonly subject?: string;
  readonly seen: string;
  readonly expected: string;
}

/** Collects violations, so that all of them are reported. */
export class Violations {
  readonly list: Violation[] = [];

  add(span: Span, rule: Rule, seen: string, expected: string, subject?: string): void {
    this.addNamed(span, rule, seen, expected, subject);
  }

  /** The same for the contract's own rules. */
  addNamed(span: Span, rule: string, seen: string, expected: string, subject?: string): void {
    const { traceId, spanId, name: spanName } = span;
    const about = subject === undefined ? {} : { subject };
    this.list.push({ rule, traceId, spanId, spanName, ...about, seen, expected });
  }
}
