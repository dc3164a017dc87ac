import { type Contract, serviceNameOf } from "../define/contract.ts";
import type { SpanDefinition } from "../define/span.ts";
import { findString, type Resource, type Span } from "../otlp/span.ts";
import { checkInvariants } from "./invariants.ts";
import { checkOutcome } from "./outcome.ts";
import { checkStages, requestsOf } from "./request.ts";
import { checkResource, checkSpan } from "./span-rules.ts";
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
  const serviceName = options.serviceName ?? serviceNameOf(contract);
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
  for (const request of requestsOf({ contract, known, byId }, violations)) {
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
