import { type Attribute, validateValue } from "../define/attribute.ts";
import type { Contract } from "../define/contract.ts";
import { exceptionEvent, messageForm } from "../define/exception-event.ts";
import type { SpanDefinition } from "../define/span.ts";
import { findValue, type Span, type SpanEvent, type Value } from "../otlp/span.ts";
import type { Violations } from "./violation.ts";

/** What an exception may carry, and the form of each line of it. */
export const exceptionForms: ReadonlyMap<string, RegExp> = new Map<string, RegExp>(
  [exceptionEvent.type, exceptionEvent.message, exceptionEvent.stack].map(({ key, lineForm }) => [
    key,
    lineForm,
  ]),
);

/** The rules that a span can be judged by on its own. */
export function checkSpan(
  contract: Contract,
  definition: SpanDefinition,
  span: Span,
  violations: Violations,
): void {
  if (span.kind !== definition.kind) {
    violations.add(span, "wrong-kind", span.kind, definition.kind);
  }
  const { tracer = contract.tracerName } = definition;
  if (span.scope.name !== tracer) {
    violations.add(span, "wrong-tracer", span.scope.name || "no name", tracer);
  }
  if (span.endTimeUnixNano < span.startTimeUnixNano) {
    const nanoseconds = span.startTimeUnixNano - span.endTimeUnixNano;
    violations.add(span, "ends-before-start", `${nanoseconds} ns before`, "an end after the start");
  }
  checkAttributes(contract, definition, span, violations);
  if (contract.failures !== "freely") {
    checkMessages(span, violations);
  }
}

function checkAttributes(
  contract: Contract,
  definition: SpanDefinition,
  span: Span,
  violations: Violations,
): void {
  const byKey = new Map(
    Object.values(definition.attributes).map((attribute) => [attribute.key, attribute]),
  );
  const contractKeys = new Set(Object.values(contract.attributes).map(({ key }) => key));
  const seen = new Set<string>();
  for (const { key, value } of span.attributes) {
    const attribute = byKey.get(key);
    if (seen.has(key)) {
      violations.add(span, "duplicate-attribute", `${key} twice`, `${key} once`, key);
    }
    seen.add(key);
    if (attribute !== undefined) {
      checkValue(attribute, value, span, violations);
    } else if (contractKeys.has(key)) {
      violations.add(span, "misplaced-attribute", key, `an attribute of ${definition.name}`, key);
    } else if (!isUndeclared(contract, key)) {
      violations.add(span, "unknown-attribute", key, `an attribute of ${definition.name}`, key);
    }
  }
  for (const identifier of [...definition.atStart, ...definition.atEnd]) {
    requireAttribute(definition, identifier, span, violations);
  }
}

/** Whether a contract says of an attribute that it does not declare it. */
export function isUndeclared({ undeclared = [] }: Contract, key: string): boolean {
  return undeclared.some((name) => {
    const [first = "", ...others] = name.split("*");
    const last = others.pop();
    return last === undefined
      ? key === name
      : key.length >= name.length - 1 &&
          key.startsWith(first) &&
          key.endsWith(last) &&
          others.every((part) => key.includes(part));
  });
}

export function requireAttribute(
  definition: SpanDefinition,
  identifier: string,
  span: Span,
  violations: Violations,
): void {
  const key = definition.attributes[identifier]?.key ?? identifier;
  if (findValue(span.attributes, key) === undefined) {
    violations.add(span, "missing-attribute", "nothing", key, key);
  }
}

function checkValue(attribute: Attribute, value: Value, span: Span, violations: Violations): void {
  const plain = plainValue(attribute, value);
  if (plain === undefined) {
    violations.add(
      span,
      "wrong-type",
      `${attribute.key} as ${value.type}`,
      attribute.type,
      attribute.key,
    );
    return;
  }
  const fault = validateValue(attribute, plain);
  if (fault !== undefined) {
    violations.add(
      span,
      "value-not-allowed",
      `${attribute.key} ${fault}`,
      attribute.brief,
      attribute.key,
    );
  }
}

/**
 * The value as code would have set it, or undefined when its type is another. A double that is whole
 * may arrive as an integer: the exporter of OpenTelemetry JS decides by the value.
 */
export function plainValue(attribute: Attribute, value: Value): unknown {
  switch (attribute.type) {
    case "int":
      return value.type === "int" ? Number(value.value) : undefined;
    case "double":
      return value.type === "double" || value.type === "int" ? Number(value.value) : undefined;
    case "string":
      return value.type === "string" ? value.value : undefined;
    case "boolean":
      return value.type === "bool" ? value.value : undefined;
    default:
      return attribute.type satisfies never;
  }
}

function checkMessages(span: Span, violations: Violations): void {
  if (!messageForm.test(span.status.message)) {
    violations.add(span, "free-text", "a status message that is not a code", String(messageForm));
  }
  for (const event of span.events) {
    if (event.name === exceptionEvent.name) {
      checkException(event, span, violations);
    } else {
      violations.add(span, "unknown-event", "an event that is no exception", exceptionEvent.name);
    }
  }
}

function checkException(event: SpanEvent, span: Span, violations: Violations): void {
  const { key: typeKey } = exceptionEvent.type;
  if (findValue(event.attributes, typeKey) === undefined) {
    violations.add(span, "missing-attribute", "an exception without its type", typeKey);
  }
  for (const { key, value } of event.attributes) {
    const pattern = exceptionForms.get(key);
    if (pattern === undefined) {
      const expected = [...exceptionForms.keys()].join(", ");
      violations.add(span, "unknown-attribute", `${key} on the exception`, expected);
    } else if (value.type !== "string") {
      violations.add(span, "wrong-type", `${key} as ${value.type}`, "string");
    } else if (!value.value.split("\n").every((line) => pattern.test(line))) {
      violations.add(span, "free-text", `an ${key} that may hold content`, String(pattern));
    }
  }
}

/** The rule for a resource, judged once for each that the service's spans have. */
export function checkResource(contract: Contract, span: Span, violations: Violations): void {
  for (const attribute of Object.values(contract.resource.attributes)) {
    const value = findValue(span.resource.attributes, attribute.key);
    const fault = value === undefined ? "nothing" : findWireValueFault(attribute, value);
    if (fault !== undefined) {
      violations.add(
        span,
        "missing-resource-attribute",
        `${attribute.key}: ${fault}`,
        attribute.brief,
        attribute.key,
      );
    }
  }
}

function findWireValueFault(attribute: Attribute, value: Value): string | undefined {
  const plain = plainValue(attribute, value);
  return plain === undefined ? `of type ${value.type}` : validateValue(attribute, plain);
}
