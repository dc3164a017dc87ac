import { findValue, type KeyValue, type Span, type SpanEvent, type SpanLink } from "#contract";
import type { AttributeScope, Field, IntrinsicName } from "#traceql";
import { type Atom, isPresent, missing, type Operand, single, toOperand } from "./atoms.ts";
import { getNestedSet } from "./nested-sets.ts";
import { clampedNs, getDuration, getService, type Trace } from "./trace.ts";

/** Of which span, and in a condition of which one of its events and links, a field is asked. */
export interface Subject {
  readonly span: Span;
  readonly trace: Trace;
  /** At most one in a condition, all elsewhere. */
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  readonly isCondition: boolean;
}

export function wholeSubject(span: Span, trace: Trace): Subject {
  return { span, trace, events: span.events, links: span.links, isCondition: false };
}

/** One for each event together with each link; a span that has none of them is asked all the same. */
export function listSubjects(span: Span, trace: Trace): Subject[] {
  const events = span.events.length === 0 ? [[]] : span.events.map((event) => [event]);
  const links = span.links.length === 0 ? [[]] : span.links.map((link) => [link]);
  return events.flatMap((event) =>
    links.map((link) => ({ span, trace, events: event, links: link, isCondition: true })),
  );
}

export function readField(field: Field, subject: Subject): Operand {
  return field.type === "intrinsic"
    ? readIntrinsic(field.name, subject)
    : readAttribute(field.scope, field.name, subject);
}

function readAttribute(scope: AttributeScope, name: string, subject: Subject): Operand {
  const { span, events, links } = subject;
  switch (scope) {
    case "span":
      return toOperand(findValue(span.attributes, name));
    case "resource":
      return toOperand(findValue(span.resource.attributes, name));
    case "any": {
      const ofSpan = readAttribute("span", name, subject);
      return isPresent(ofSpan) ? ofSpan : readAttribute("resource", name, subject);
    }
    case "instrumentation":
      return toOperand(findValue(span.scope.attributes, name));
    case "event":
      return ofMembers(events.map(attributeNamed(name)), subject);
    case "link":
      return ofMembers(links.map(attributeNamed(name)), subject);
    default:
      return scope satisfies never;
  }
}

function attributeNamed(name: string) {
  return ({ attributes }: { attributes: readonly KeyValue[] }) =>
    toOperand(findValue(attributes, name));
}

function ofMembers(operands: readonly Operand[], { isCondition }: Subject): Operand {
  return isCondition
    ? (operands[0] ?? missing)
    : { atoms: operands.flatMap(({ atoms }) => atoms), form: "members" };
}

function readIntrinsic(name: IntrinsicName, subject: Subject): Operand {
  const { span, trace, events, links } = subject;
  switch (name) {
    case "span:id":
      return text(span.spanId);
    case "span:parentID":
      return span.parentSpanId === null ? missing : text(span.parentSpanId);
    case "span:name":
      return text(span.name);
    case "span:duration":
      return single({ type: "duration", value: getDuration(span) });
    case "span:status":
      return single({ type: "status", value: span.status.code });
    case "span:statusMessage":
      return text(span.status.message);
    case "span:kind":
      return single({ type: "kind", value: span.kind });
    case "span:childCount": {
      // Here a span that names itself as its parent counts, as in Tempo.
      const children = trace.spans.filter(({ parentSpanId }) => parentSpanId === span.spanId);
      return single({ type: "int", value: BigInt(children.length) });
    }
    case "trace:id":
      return text(trace.traceId);
    case "trace:duration":
      return single({ type: "duration", value: clampedNs(trace.endNs - trace.startNs) });
    case "trace:rootName":
      return text(trace.root?.name ?? "");
    case "trace:rootService":
      return text(trace.root === undefined ? "" : getService(trace.root));
    case "instrumentation:name":
      return text(span.scope.name);
    case "instrumentation:version":
      return text(span.scope.version);
    case "nestedSetParent":
    case "nestedSetLeft":
    case "nestedSetRight":
      return single({ type: "int", value: BigInt(getNestedSet(span, trace)[name]) });
    default:
      return ofMembers(memberIntrinsic(name, span, events, links).map(single), subject);
  }
}

function memberIntrinsic(
  name: "event:name" | "event:timeSinceStart" | "link:traceID" | "link:spanID",
  { startTimeUnixNano }: Span,
  events: readonly SpanEvent[],
  links: readonly SpanLink[],
): Atom[] {
  switch (name) {
    case "event:name":
      return events.map((event) => ({ type: "string", value: event.name }));
    case "event:timeSinceStart":
      return events.map(({ timeUnixNano }) => ({
        type: "duration",
        value: clampedNs(timeUnixNano - startTimeUnixNano),
      }));
    case "link:traceID":
      return links.map(({ traceId }) => ({ type: "string", value: traceId }));
    case "link:spanID":
      return links.map(({ spanId }) => ({ type: "string", value: spanId }));
    default:
      return name satisfies never;
  }
}

function text(value: string): Operand {
  return single({ type: "string", value });
}
