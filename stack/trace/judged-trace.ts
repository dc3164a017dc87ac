import {
  type Contract,
  findString,
  rootOf,
  type Span,
  serviceNameOf,
  type Violation,
  validateTrace,
} from "#contract";

/**
 * The roots of the contract's requests. A server may run under another name than the contract's, so
 * its tracer tells it apart from other services that call a span the same.
 */
export function requestRoots(contract: Contract, spans: readonly Span[]): Span[] {
  const { name } = rootOf(contract);
  return spans.filter(
    (span) =>
      span.name === name &&
      (span.scope.name === contract.tracerName ||
        serviceOf(contract, span) === serviceNameOf(contract)),
  );
}

/** The violations of a trace. Without a request there may be none, so look at `requestRoots` first. */
export function judge(contract: Contract, spans: readonly Span[]): Violation[] {
  const services = requestRoots(contract, spans).map((root) => serviceOf(contract, root));
  // A root that names no service is judged among the contract's own.
  const names = new Set([serviceNameOf(contract), ...services.filter((name) => name !== "")]);
  return [...names].flatMap((serviceName) => validateTrace(contract, spans, { serviceName }));
}

function serviceOf(contract: Contract, span: Span): string {
  const { attributes, serviceName } = contract.resource;
  return findString(span.resource.attributes, attributes[serviceName]?.key ?? "") ?? "";
}

/** A trace that holds a request and breaks no rule. */
export function isAsContracted(contract: Contract, spans: readonly Span[]): boolean {
  return requestRoots(contract, spans).length > 0 && judge(contract, spans).length === 0;
}

/** A violation in a line. */
export function sentenceOf({ rule, spanName, spanId, seen, expected }: Violation): string {
  return `${spanName} (${spanId}) ${rule}: ${seen}, expected ${expected}`;
}
