import {
  type Contract,
  getServiceName,
  type Invariant,
  listChildren,
  type Outcome,
  splitPath,
} from "../define/contract.ts";
import type { SpanDefinition } from "../define/span.ts";
import { findString, type Resource, type Span } from "../otlp/span.ts";
import { checkResource, checkSpan, requireAttribute } from "./span-rules.ts";
import {
  checkStages,
  checkTreeByStatus,
  hasChild,
  isForKindOf,
  listRequestSpans,
  type RequestSpan,
  TreeCheck,
  valueIn,
} from "./tree.ts";
import { type Violation, Violations } from "./violation.ts";

export interface ValidationOptions {
  /** The service whose spans are judged, when it does not run under the contract's name. */
  readonly serviceName?: string;
}

/**
 * Judges spans by a contract: every violation of every rule, in no particular order. The spans may
 * be of several traces, hold several requests and spans of other services, and have remote parents:
 * all that is legal. Spans of other services are not judged.
 */
export function validateTrace(
  contract: Contract,
  spans: readonly Span[],
  options: ValidationOptions = {},
): Violation[] {
  const violations = new Violations();
  const serviceName = options.serviceName ?? getServiceName(contract);
  for (const trace of Map.groupBy(spans, ({ traceId }) => traceId).values()) {
    validateOne(contract, trace, serviceName, violations);
  }
  return violations.list;
}

function validateOne(
  contract: Contract,
  trace: readonly Span[],
  serviceName: string,
  violations: Violations,
): void {
  const definitionByName = new Map(
    Object.values(contract.spans).map((definition) => [definition.name, definition]),
  );
  const byId = new Map<string, Span>();
  const known = new Map<Span, SpanDefinition>();
  const resources = new Set<Resource>();
  for (const [spanId, spans] of Map.groupBy(trace, (span) => span.spanId)) {
    const own = spans.filter((span) => isOwn(contract, serviceName, span));
    const [first] = own;
    byId.set(spanId, first ?? (spans[0] as Span));
    if (first !== undefined && spans.length > 1) {
      violations.add(first, "duplicate-span-id", `${spans.length} spans`, "an id of its own");
    }
    for (const span of own) {
      const definition = definitionByName.get(span.name);
      if (definition === undefined) {
        violations.add(span, "unknown-span", span.name, [...definitionByName.keys()].join(", "));
        continue;
      }
      checkSpan(contract, definition, span, violations);
      if (!resources.has(span.resource)) {
        resources.add(span.resource);
        checkResource(contract, span, violations);
      }
      // A second span with the same id has been reported; it is no stage of a request.
      if (span === first) {
        known.set(span, definition);
      }
    }
  }
  for (const request of listRequestSpans({ contract, known, byId }, violations)) {
    checkStages(contract, request, violations);
    checkOutcome(contract, request, violations);
    checkInvariants(contract, request, violations);
  }
}

/** A span that does not say which service it is of, is the service's when its tracer made it. */
function isOwn(contract: Contract, serviceName: string, span: Span): boolean {
  const { attributes, serviceName: identifier } = contract.resource;
  const name = findString(span.resource.attributes, attributes[identifier]?.key ?? "");
  return name === undefined ? span.scope.name === contract.tracerName : name === serviceName;
}

/** Whether a request is what its outcome leaves behind. */
function checkOutcome(contract: Contract, request: RequestSpan, violations: Violations): void {
  if (contract.failures === "freely") {
    checkTreeByStatus(contract, request, violations);
  }
  const outcome = findOutcome(contract, request);
  if (outcome === undefined) {
    return; // A missing or unknown outcome is reported with the root's attributes.
  }
  const { span, definition } = request;
  if (span.status.code !== outcome.rootStatus) {
    violations.add(span, "wrong-status", span.status.code, outcome.rootStatus);
  }
  for (const identifier of outcome.needs ?? []) {
    requireAttribute(definition, identifier, span, violations);
  }
  checkRanges(request, outcome, violations);
  if (contract.failures === "freely") {
    return;
  }
  new TreeCheck(contract, outcome, violations).request(request);
  if (outcome.tree === "rejected" && hasEveryStage(contract, request)) {
    violations.add(span, "wrong-outcome", "every stage", "an end before the last stage");
  }
}

function findOutcome(contract: Contract, request: RequestSpan): Outcome | undefined {
  const { outcomes } = contract;
  if (outcomes === undefined && contract.failures === "freely") {
    return undefined; // The root's status is as free as any.
  }
  if (outcomes === undefined) {
    return request.span.status.code === "error"
      ? { brief: "A stage threw.", tree: "failed", rootStatus: "error" }
      : { brief: "Every stage did its work.", tree: "complete", rootStatus: "unset" };
  }
  const name = valueIn(request, outcomes.attribute);
  return typeof name === "string" && Object.hasOwn(outcomes.byName, name)
    ? outcomes.byName[name]
    : undefined;
}

function checkRanges(request: RequestSpan, outcome: Outcome, violations: Violations): void {
  for (const [identifier, [min, max]] of Object.entries(outcome.ranges ?? {})) {
    const value = valueIn(request, identifier);
    if (typeof value === "number" && (value < min || value > max)) {
      const key = request.definition.attributes[identifier]?.key;
      const expected = `${min === max ? min : `${min} to ${max}`} with this outcome`;
      violations.add(request.span, "value-not-allowed", `${key} = ${value}`, expected, key);
    }
  }
}

function hasEveryStage(contract: Contract, request: RequestSpan): boolean {
  return listChildren(contract, request.definition).every(
    (stage) =>
      stage.presence !== "always" || hasChild(request, stage) || !isForKindOf(request, stage),
  );
}

/**
 * The contract's sums, wherever the request has all that they speak of. What is missing is reported
 * by other rules.
 */
function checkInvariants(contract: Contract, request: RequestSpan, violations: Violations): void {
  const byIdentifier = new Map(
    withDescendants(request).map((stage) => [stage.definition.identifier, stage]),
  );
  for (const invariant of contract.invariants) {
    if (invariant.unless !== undefined && byIdentifier.has(invariant.unless)) {
      continue;
    }
    const left = sum(byIdentifier, invariant.left);
    const right = sum(byIdentifier, invariant.right);
    if (left !== undefined && right !== undefined && !holds(invariant, left, right)) {
      const { span } = splitPath(invariant.left[0]);
      const stage = byIdentifier.get(span) ?? request;
      const expected = `${write(contract, invariant.left)} ${words[invariant.relation]} ${write(contract, invariant.right)}`;
      violations.addNamed(stage.span, invariant.rule, `${left} and ${right}`, expected);
    }
  }
}

const words = { equals: "=", "at-least": ">=" } as const;

/** With the names on the wire: `llm.prefill:llm.cache.hits + llm.prefill:llm.cache.misses`. */
function write({ spans }: Contract, paths: readonly string[]): string {
  const names = paths.map((path) => {
    const { span, attribute } = splitPath(path);
    return `${spans[span]?.name}:${spans[span]?.attributes[attribute]?.key}`;
  });
  return names.join(" + ");
}

function holds(invariant: Invariant, left: number, right: number): boolean {
  return invariant.relation === "equals" ? left === right : left >= right;
}

function sum(
  stages: ReadonlyMap<string, RequestSpan>,
  paths: readonly string[],
): number | undefined {
  let total = 0;
  for (const path of paths) {
    const { span, attribute } = splitPath(path);
    const stage = stages.get(span);
    const value = stage && valueIn(stage, attribute);
    if (typeof value !== "number") {
      return undefined;
    }
    total += value;
  }
  return total;
}

function withDescendants(request: RequestSpan): RequestSpan[] {
  return [request, ...request.children.flatMap(withDescendants)];
}
