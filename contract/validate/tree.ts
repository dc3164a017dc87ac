import { type Contract, isChild, listChildren, type Outcome } from "../define/contract.ts";
import { isForRequest, type SpanDefinition } from "../define/span.ts";
import { findValue, type Span, type SpanEvent } from "../otlp/span.ts";
import { plainValue, requireAttribute } from "./span-rules.ts";
import type { Violations } from "./violation.ts";

/**
 * How a span of a request ended:
 * `done`: it did its work, and so did every stage below it;
 * `rejected`: the request ended before its next stage, and no stage was cut;
 * `failed`: it threw, or the last stage below it did;
 * `interrupted`: its work was cut short, and that of the last stage below it may be.
 */
type Ending = "done" | "rejected" | "failed" | "interrupted";

const endingOfRoot = {
  complete: "done",
  rejected: "rejected",
  failed: "failed",
  interrupted: "interrupted",
} as const satisfies Record<Outcome["tree"], Ending>;

/** The rules for the tree that an outcome leaves behind, span by span. */
export class TreeCheck {
  readonly #contract: Contract;
  readonly #outcome: Outcome;
  readonly #violations: Violations;
  #root: RequestSpan | undefined;

  constructor(contract: Contract, outcome: Outcome, violations: Violations) {
    this.#contract = contract;
    this.#outcome = outcome;
    this.#violations = violations;
  }

  request(root: RequestSpan): void {
    this.#root = root;
    this.#judge(root, endingOfRoot[this.#outcome.tree]);
  }

  #judge(stage: RequestSpan, ending: Ending): void {
    this.#checkSuccess(stage, ending);
    this.#checkException(stage, ending);
    const last = this.#checkPresence(stage, ending);
    const mayCutChild = ending === "failed" || ending === "interrupted";
    for (const child of stage.children) {
      // Samples of the same span may run at the same time, so each may be the one that was cut.
      const isLast = child.definition === last || child.definition.presence === "sampled";
      const childEnding = mayCutChild && isLast ? this.#getEnding(child) : "done";
      const status = childEnding === "failed" ? "error" : "unset";
      if (child.span.status.code !== status) {
        const expected = `${status}, as it ${reasons[childEnding]}`;
        this.#violations.add(child.span, "wrong-status", child.span.status.code, expected);
      }
      this.#judge(child, childEnding);
    }
  }

  /** How a stage ended that may have been cut, by what it left behind. */
  #getEnding(stage: RequestSpan): Ending {
    if (this.#outcome.tree === "failed") {
      return hasFailed(stage) ? "failed" : "done";
    }
    return this.#isIncomplete(stage) ? "interrupted" : "done";
  }

  #isIncomplete(stage: RequestSpan): boolean {
    const { onSuccess, whenInterrupted } = stage.definition;
    return (
      onSuccess.some((identifier) => valueIn(stage, identifier) === undefined) ||
      Object.entries(whenInterrupted).some(([key, value]) => valueIn(stage, key) === value) ||
      this.#stagesBelow(stage).some(
        (child) => child.presence === "always" && !hasChild(stage, child),
      ) ||
      stage.children.some((child) => this.#isIncomplete(child))
    );
  }

  /** What a stage says when it did its work, and what it says instead when it was cut. */
  #checkSuccess(stage: RequestSpan, ending: Ending): void {
    const { span, definition } = stage;
    const { onSuccess, whenFailed, whenInterrupted } = definition;
    if (ending === "failed" || ending === "interrupted") {
      const replacements = ending === "failed" ? whenFailed : whenInterrupted;
      for (const [identifier, value] of Object.entries(replacements)) {
        const key = definition.attributes[identifier]?.key;
        if (valueIn(stage, identifier) !== value) {
          const expected = `${key} = ${String(value)}, as it ${reasons[ending]}`;
          this.#violations.add(span, "value-not-allowed", `another ${key}, or none`, expected, key);
        }
      }
      return;
    }
    if (ending === "done") {
      for (const identifier of onSuccess) {
        requireAttribute(definition, identifier, span, this.#violations);
      }
    }
    const replacements = [...Object.entries(whenFailed), ...Object.entries(whenInterrupted)];
    for (const [identifier, value] of replacements) {
      if (valueIn(stage, identifier) === value) {
        const key = definition.attributes[identifier]?.key;
        const seen = `${key} = ${String(value)}`;
        const expected = "another value: it was not cut";
        this.#violations.add(span, "value-not-allowed", seen, expected, key);
      }
    }
  }

  /** The exception stands where it was thrown and nowhere else: on the innermost span that failed. */
  #checkException({ span, children }: RequestSpan, ending: Ending): void {
    const expected = ending === "failed" && !children.some(hasFailed) ? 1 : 0;
    const seen = listExceptions(span).length;
    if (seen !== expected) {
      this.#violations.add(span, "wrong-exception", `${seen} exceptions`, `${expected}`);
    }
  }

  /** Where a span was cut, its stages stop early; returns the last that there is. */
  #checkPresence(parent: RequestSpan, ending: Ending): SpanDefinition | undefined {
    const stages = this.#stagesBelow(parent);
    const last = stages.findLast((stage) => hasChild(parent, stage));
    for (const stage of stages) {
      const isReached = ending === "done" || (last !== undefined && stage.order < last.order);
      if (stage.presence === "always" && isReached && !hasChild(parent, stage)) {
        const because =
          ending === "done" ? `${parent.span.name} did its work` : `${last?.name} ran`;
        const expected = `${stage.name}, as ${because}`;
        this.#violations.add(parent.span, "missing-span", `no ${stage.name}`, expected, stage.name);
      }
    }
    return last;
  }

  /** The spans that follow each other below a span, in their order. */
  #stagesBelow({ definition }: RequestSpan): SpanDefinition[] {
    const root = this.#root;
    return listChildren(this.#contract, definition).filter(
      (child) => child.presence !== "sampled" && (root === undefined || isForKindOf(root, child)),
    );
  }
}

const reasons = {
  done: "did its work",
  rejected: "was rejected",
  failed: "failed",
  interrupted: "was interrupted",
} as const satisfies Record<Ending, string>;

/**
 * The rules for a tree whose spans tell of failures freely: what each has is judged by its own status,
 * and what is below a span with an error may have been cut.
 */
export function checkTreeByStatus(
  contract: Contract,
  stage: RequestSpan,
  violations: Violations,
): void {
  if (stage.span.status.code !== "error") {
    for (const identifier of stage.definition.onSuccess) {
      requireAttribute(stage.definition, identifier, stage.span, violations);
    }
    for (const child of listChildren(contract, stage.definition)) {
      const isWanted = child.presence === "always" && isForKindOf(stage, child);
      if (isWanted && !hasChild(stage, child)) {
        const expected = `${child.name}, as ${stage.span.name} did its work`;
        violations.add(stage.span, "missing-span", `no ${child.name}`, expected, child.name);
      }
    }
  }
  for (const child of stage.children) {
    checkTreeByStatus(contract, child, violations);
  }
}

/** Whether a span, or one below it, has what a failure leaves behind: an error or an exception. */
function hasFailed({ span, children }: RequestSpan): boolean {
  return (
    span.status.code === "error" || listExceptions(span).length > 0 || children.some(hasFailed)
  );
}

function listExceptions(span: Span): readonly SpanEvent[] {
  return span.events.filter(({ name }) => name === "exception");
}

/** A span of a request with its definition and its children, in order of their start. */
export interface RequestSpan {
  readonly definition: SpanDefinition;
  readonly span: Span;
  readonly children: readonly RequestSpan[];
}

/** One trace, with what is known about its spans. */
interface Trace {
  readonly contract: Contract;
  /** The service's spans that the contract knows, with their definitions. */
  readonly known: ReadonlyMap<Span, SpanDefinition>;
  /** Every span of the trace, also of other services, by id. */
  readonly byId: ReadonlyMap<string, Span>;
}

/** The requests of a trace: the subtree of each root that the contract names. */
export function listRequestSpans(trace: Trace, violations: Violations): RequestSpan[] {
  const childrenByParent = Map.groupBy(trace.known.keys(), (span) => span.parentSpanId ?? "");
  const requests: RequestSpan[] = [];
  for (const [span, definition] of trace.known) {
    if (definition.parent === null) {
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
    .filter((child) => isChild(trace.known.get(child) as SpanDefinition, definition))
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
  const parentDefinition = parent && trace.known.get(parent);
  if (parent === undefined) {
    const seen = span.parentSpanId === null ? "no parent" : "a parent that is not in the trace";
    violations.add(span, "orphan", seen, `a parent ${expected?.name}`);
  } else if (parentDefinition === undefined || !isChild(definition, parentDefinition)) {
    const seen = trace.known.has(parent) ? parent.name : "a span that is not the contract's";
    violations.add(span, "misplaced-span", `a child of ${seen}`, `a child of ${expected?.name}`);
  } else if (
    span.startTimeUnixNano < parent.startTimeUnixNano ||
    (span.endTimeUnixNano > parent.endTimeUnixNano && definition.detached !== true)
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
  for (const definition of listChildren(contract, request.definition)) {
    const [, ...again] = stages.filter((stage) => stage.definition === definition);
    for (const { span } of again) {
      violations.add(span, "duplicated-span", `${definition.name} again`, "once in a request");
    }
  }
  for (const { span, definition } of request.children) {
    if (!isForKindOf(request, definition)) {
      const { attribute = "", isOneOf = [] } = definition.onlyFor ?? {};
      const key = request.definition.attributes[attribute]?.key;
      const expected = `only where ${key} is ${isOneOf.join(" or ")}`;
      violations.add(span, "misplaced-span", "in another kind of request", expected);
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

/** Whether a request may have the span. Where the root does not say its kind, it may have what it has. */
export function isForKindOf(root: RequestSpan, definition: SpanDefinition): boolean {
  const value = valueIn(root, definition.onlyFor?.attribute ?? "");
  return definition.onlyFor !== undefined && value === undefined
    ? hasChild(root, definition)
    : isForRequest(definition, () => value);
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
