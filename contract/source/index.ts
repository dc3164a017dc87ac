export type {
  AttributeSource,
  Commented,
  ContractSource,
  LogEventSource,
  MetricSource,
  SpanSource,
} from "./contract-source.ts";
export {
  constantName,
  identifierOf,
  writeAttribute,
  writeContract,
  writeSpan,
} from "./write-contract.ts";
