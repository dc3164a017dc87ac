export type {
  AttributeSource,
  Commented,
  ContractSource,
  LogEventSource,
  MetricSource,
  SpanSource,
} from "./contract-source.ts";
export { identifierOf, writeContract } from "./write-contract.ts";
