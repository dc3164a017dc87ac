import { type Contract, childrenOf, rootOf } from "../define/contract.ts";
import type { SpanDefinition } from "../define/span.ts";
import { findValue, type Span } from "../otlp/span.ts";
import { plainValue } from "./span-rules.ts";
import type { Violations } from "./violation.ts";

/** A span of a request with its definition and its children, in order of their start. */
export interface RequestSpan {
  readonly definition: SpanDefinition;
  readonly span: Span;
  readonly children: readonly RequestSpan[];
}

/** One trace, with what is known about its spans. */
export interface Trace {
  readonly contract: Contract;
  /** The service's spans that the contract knows, with their definitions. */
  readonly known: ReadonlyMap<Span, SpanDefinition>;
  /** Every span of the trace, also of other services, by id. */
  readonly byId: ReadonlyMap<string, Span>;
}

/** The requests of a trace: the subtree of each root that the contract names. */
export function requestsOf(trace: Trace, violations: Violations): RequestSpan[] {
  const root = rootOf(trace.contract);
  const childrenByParent = Map.groupBy(trace.known.keys(), (span) => span.parentSpanId ?? "");
  const requests: RequestSpan[] = [];
  for (const [span, definition] of trace.known) {
    if (definition === root) {
      checkCycle(trace, span, violations);
      requests.push(build(trace, span, definition, childrenByParent));
    } else {
      checkParent(trace, span, definition, violations);
    }
  }
  return requests;
}

function build(
  trace: Trace,
  span: Span,
  definition: SpanDefinition,
  childrenByParent: ReadonlyMap<string, Span[]>,
): RequestSpan {
  const children = (childrenByParent.get(span.spanId) ?? [])
    // A span under the wrong parent has been reported; it is no stage of this request.
    .filter((child) => trace.known.get(child)?.parent === definition.identifier)
    .sort((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano))
    .map((child) =>
      build(trace, child, trace.known.get(child) as SpanDefinition, childrenByParent),
    );
  return { span, definition, children };
}

function checkParent(
  trace: Trace,
  span: Span,
  definition: SpanDefinition,
  violations: Violations,
): void {
  const expected = trace.contract.spans[definition.parent ?? ""];
  const parent = span.parentSpanId === null ? undefined : trace.byId.get(span.parentSpanId);
  if (parent === undefined) {
    const seen = span.parentSpanId === null ? "no parent" : "a parent that is not in the trace";
    violations.add(span, "orphan", seen, `a parent ${expected?.name}`);
  } else if (trace.known.get(parent) !== expected) {
    const seen = trace.known.has(parent) ? parent.name : "a span that is not the contract's";
    violations.add(span, "misplaced-span", `a child of ${seen}`, `a child of ${expected?.name}`);
  } else if (
    span.startTimeUnixNano < parent.startTimeUnixNano ||
    span.endTimeUnixNano > parent.endTimeUnixNano
  ) {
    violations.add(span, "outside-parent", outsideBy(span, parent), `within ${parent.name}`);
  }
}

function outsideBy(span: Span, parent: Span): string {
  const before = parent.startTimeUnixNano - span.startTimeUnixNano;
  const after = span.endTimeUnixNano - parent.endTimeUnixNano;
  return before > 0n ? `${before} ns before its start` : `${after} ns after its end`;
}

/** A root may have any parent, since a client may send any; but not one of its own descendants. */
function checkCycle(trace: Trace, root: Span, violations: Violations): void {
  const visited = new Set<Span>();
  let current: Span | undefined = root;
  while (current !== undefined && !visited.has(current)) {
    visited.add(current);
    current = trace.byId.get(current.parentSpanId ?? "");
  }
  if (current === root) {
    violations.add(root, "parent-cycle", "an ancestor of itself", "a parent outside the request");
  }
}

/** Counts and order of the stages: each at most once, each after the one before has ended. */
export function checkStages(
  contract: Contract,
  request: RequestSpan,
  violations: Violations,
): void {
  const stages = request.children.filter(({ definition }) => definition.presence !== "sampled");
  for (const definition of childrenOf(contract, request.definition)) {
    const [, ...again] = stages.filter((stage) => stage.definition === definition);
    for (const { span } of again) {
      violations.add(span, "duplicated-span", `${definition.name} again`, "once in a request");
    }
  }
  const inOrder = [...stages].sort((a, b) => a.definition.order - b.definition.order);
  for (const [index, stage] of inOrder.entries()) {
    const before = inOrder[index - 1];
    if (before !== undefined && stage.span.startTimeUnixNano < before.span.endTimeUnixNano) {
      const expected = `after the end of ${before.definition.name}`;
      violations.add(stage.span, "misordered-span", "an earlier start", expected);
    }
  }
  for (const child of request.children) {
    checkStages(contract, child, violations);
  }
}

export function hasChild(parent: RequestSpan, definition: SpanDefinition): boolean {
  return parent.children.some((child) => child.definition === definition);
}

/** The value of an attribute by its identifier, or undefined when missing or of another type. */
export function valueIn({ span, definition }: RequestSpan, identifier: string): unknown {
  const attribute = definition.attributes[identifier];
  const value = attribute && findValue(span.attributes, attribute.key);
  return attribute && value && plainValue(attribute, value);
}
