import type { Attribute } from "../define/attribute.ts";
import type { Contract } from "../define/contract.ts";
import type { LogEvent } from "../define/log-event.ts";
import type { MetricDefinition } from "../define/metric.ts";
import type { SpanDefinition } from "../define/span.ts";

/**
 * A whole contract as data that JSON can hold, for other programs and for comparing two states of it.
 * Everything stands under its identifier; what is not declared is left out.
 */
export function contractData(contract: Contract) {
  const { resource, logEvents, outcomes, invariants, metrics } = contract;
  return {
    tracerName: contract.tracerName,
    resource: {
      attributes: mapValues(resource.attributes, attributeData),
      serviceName: resource.serviceName,
      defaults: resource.defaults,
      instance: resource.instance && attributeData(resource.instance),
    },
    attributes: mapValues(contract.attributes, attributeData),
    spans: mapValues(contract.spans, spanData),
    logFields: mapValues(fieldsBeyondAttributes(contract), attributeData),
    logEvents: mapValues(logEvents, logEventData),
    metrics: metrics && mapValues(metrics, metricData),
    outcomes,
    invariants,
    failures: contract.failures,
    undeclared: contract.undeclared,
  };
}

export type ContractData = ReturnType<typeof contractData>;

function attributeData({ key, type, pattern, ...rest }: Attribute) {
  return {
    key,
    type,
    brief: rest.brief,
    unit: rest.unit,
    min: rest.min,
    max: rest.max,
    pattern: pattern?.source,
    values: rest.values,
    examples: rest.examples,
    semconv: rest.semconv,
    extension: rest.extension,
    unique: rest.unique,
    stability: rest.stability,
    deprecated: rest.deprecated,
    renamedFrom: rest.renamedFrom,
  };
}

function spanData({ attributes: _, identifier: __, types: ___, ...rest }: SpanDefinition) {
  return rest;
}

function logEventData({ name, brief, level, span, fields, required }: LogEvent) {
  const optionalFields = Object.keys(fields).filter((field) => !required.includes(field));
  return { name, brief, level, span, fields: required, optionalFields };
}

function metricData({ attributes, identifier: _, types: __, ...rest }: MetricDefinition) {
  return { ...rest, attributes: Object.keys(attributes) };
}

/** What log lines carry that no span does. */
export function fieldsBeyondAttributes({
  attributes,
  logEvents,
}: Contract): Record<string, Attribute> {
  const fields = Object.values(logEvents).flatMap((event) => Object.entries(event.fields));
  return Object.fromEntries(
    fields
      .filter(([identifier]) => !Object.hasOwn(attributes, identifier))
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}

function mapValues<Value, Result>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value) => Result,
): Readonly<Record<string, Result>> {
  return Object.fromEntries(
    Object.entries(record).map(([identifier, value]) => [identifier, change(value)]),
  );
}
