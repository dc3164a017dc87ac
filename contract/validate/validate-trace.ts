import { type Contract, serviceNameOf } from "../define/contract.ts";
import type { SpanDefinition } from "../define/span.ts";
import { findString, type Span } from "../otlp/span.ts";
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
  const serviceKey = contract.resource.attributes[contract.resource.serviceName]?.key ?? "";
  const byId = new Map<string, Span>();
  const known = new Map<Span, SpanDefinition>();
  const resources = new Set<object>();
  for (const span of trace) {
    const isOwn = findString(span.resource.attributes, serviceKey) === serviceName;
    if (isOwn && byId.has(span.spanId)) {
      violations.add(span, "duplicate-span-id", "an id that another span has", "an id of its own");
    }
    byId.set(span.spanId, span);
    const definition = definitionByName.get(span.name);
    if (isOwn && definition === undefined) {
      violations.add(span, "unknown-span", span.name, [...definitionByName.keys()].join(", "));
    } else if (isOwn && definition !== undefined) {
      known.set(span, definition);
      checkSpan(contract, definition, span, violations);
      if (!resources.has(span.resource)) {
        resources.add(span.resource);
        checkResource(contract, span, violations);
      }
    }
  }
  for (const request of requestsOf({ contract, known, byId }, violations)) {
    checkStages(contract, request, violations);
    checkOutcome(contract, request, violations);
    checkInvariants(contract, request, violations);
  }
}
