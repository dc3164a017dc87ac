import { type Contract, getServiceName, listRootSpans } from "../define/contract.ts";
import { findString, type Span } from "../otlp/span.ts";
import { counted } from "../text/index.ts";
import { validateTrace } from "./validate-trace.ts";
import type { Violation } from "./violation.ts";

/** The spans of one service in a trace. */
export interface TracePart {
  /** Empty where the spans do not say whose they are. */
  readonly service: string;
  readonly spans: number;
}

/** What a contract says of a trace, and of which part of it. */
export interface Judgement {
  readonly violations: readonly Violation[];
  /** The roots of the contract's requests: without any there is little to judge. */
  readonly requests: readonly Span[];
  readonly judged: readonly TracePart[];
  /** The parts of services that the contract does not declare. */
  readonly notJudged: readonly TracePart[];
}

/**
 * Judges spans by the contract of their own service, which may run under another name than the
 * contract's. The parts of other services are named, and not judged.
 */
export function judgeTrace(contract: Contract, spans: readonly Span[]): Judgement {
  const requests = requestRoots(contract, spans);
  const services = requests.map((root) => getSpanService(contract, root));
  // A root that names no service is judged among the contract's own.
  const names = new Set([getServiceName(contract), ...services.filter((name) => name !== "")]);
  const violations = [...names].flatMap((serviceName) =>
    validateTrace(contract, spans, { serviceName }),
  );
  const isJudged = (span: Span) => {
    const service = getSpanService(contract, span);
    return service === "" ? span.scope.name === contract.tracerName : names.has(service);
  };
  const parts = (some: readonly Span[]) =>
    [...Map.groupBy(some, (span) => getSpanService(contract, span))].map(
      ([service, { length }]) => ({
        service,
        spans: length,
      }),
    );
  return {
    violations,
    requests,
    judged: parts(spans.filter(isJudged)),
    notJudged: parts(spans.filter((span) => !isJudged(span))),
  };
}

/** Judges the spans of each service by its own contract. Named, and not judged, are parts that are of none. */
export function judgeServices(contracts: readonly Contract[], spans: readonly Span[]): Judgement {
  const judgements = contracts.map((contract) => judgeTrace(contract, spans));
  const judged = new Map(
    judgements.flatMap((one) => one.judged).map((part) => [part.service, part]),
  );
  const others = judgements.flatMap((one) => one.notJudged);
  return {
    violations: judgements.flatMap((one) => one.violations),
    requests: judgements.flatMap((one) => one.requests),
    judged: [...judged.values()],
    notJudged: [...new Map(others.map((part) => [part.service, part])).values()].filter(
      ({ service }) => !judged.has(service),
    ),
  };
}

/** The contract of a span's service, which may run under another name than the contract's. */
export function findContract(contracts: readonly Contract[], span: Span): Contract | undefined {
  return (
    contracts.find((contract) => getSpanService(contract, span) === getServiceName(contract)) ??
    contracts.find(({ tracerName }) => span.scope.name === tracerName)
  );
}

/**
 * The roots of the contract's requests. A server may run under another name than the contract's, so
 * its tracer tells it apart from other services that call a span the same.
 */
export function requestRoots(contract: Contract, spans: readonly Span[]): Span[] {
  const names = new Set(listRootSpans(contract).map(({ name }) => name));
  return spans.filter(
    (span) =>
      names.has(span.name) &&
      (span.scope.name === contract.tracerName ||
        getSpanService(contract, span) === getServiceName(contract)),
  );
}

/** Which part of a trace is not judged, in a line; none where all of it is. */
export function notJudgedLines({ judged, notJudged }: Judgement): string[] {
  if (notJudged.length === 0) {
    return [];
  }
  const names = inWords(notJudged.map(({ service }) => formatServiceName(service)));
  const others =
    notJudged.length === 1
      ? `${names} is not a service of a contract: not judged.`
      : `${names} are not services of a contract: not judged.`;
  return judged.length === 0
    ? [others]
    : [`Only what is of ${inWords(judged.map(partInWords))} is judged. ${others}`];
}

function partInWords({ service, spans }: TracePart): string {
  return `${formatServiceName(service)} (${counted(spans, "span")})`;
}

function formatServiceName(service: string): string {
  return service === "" ? "a service without a name" : service;
}

function inWords(words: readonly string[]): string {
  return new Intl.ListFormat("en-GB", { type: "conjunction" }).format(words);
}

/** The name of the service that a span is of; empty where it does not say. */
export function getSpanService(contract: Contract, span: Span): string {
  const { attributes, serviceName } = contract.resource;
  return findString(span.resource.attributes, attributes[serviceName]?.key ?? "") ?? "";
}
