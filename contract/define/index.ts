export {
  type Attribute,
  type AttributeRecord,
  type AttributeType,
  boolean,
  contentFault,
  contentKey,
  declaredPattern,
  defineAttributes,
  double,
  int,
  oneOf,
  type SemanticConvention,
  string,
  type ValueOf,
  type ValuesOf,
  validateValue,
} from "./attribute.ts";
export {
  type AttributePath,
  type Contract,
  defineContract,
  getRootSpan,
  getServiceKey,
  getServiceName,
  type Invariant,
  isOfMainKind,
  listChildren,
  listHighlights,
  listRenames,
  listRootSpans,
  type Outcome,
  type Rename,
  splitPath,
  type TreeShape,
  type Wait,
} from "./contract.ts";
export { DefinitionError } from "./definition-error.ts";
export { exceptionEvent, messageForm } from "./exception-event.ts";
export type { Deprecation, Stability } from "./lifecycle.ts";
export {
  defineLogEvents,
  type LogEvent,
  type LogEventRecord,
  type LogFields,
  type LogLevel,
  logEvent,
  logLevels,
} from "./log-event.ts";
export {
  counter,
  defineMetrics,
  gauge,
  histogram,
  type Instrument,
  type LabelsOf,
  type MetricAlert,
  type MetricDefinition,
  type MetricRecord,
  observableCounter,
} from "./metric.ts";
export { defineResource, type ResourceDefinition } from "./resource.ts";
export type {
  AlertCondition,
  ParameterValues,
  QueryParameter,
  SavedQuery,
  Severity,
} from "./saved-query.ts";
export {
  type AtEnd,
  type AtStart,
  type ContractSpanKind,
  defineSpanTree,
  type IdentifierOf,
  isForRequest,
  type OnSuccess,
  type Presence,
  type RequestKind,
  type Settable,
  type SpanDefinition,
  type SpanRecord,
  span,
} from "./span.ts";
