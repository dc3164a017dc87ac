import {
  type Attributes,
  type Context,
  context,
  type HrTime,
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { RandomIdGenerator } from "@opentelemetry/sdk-trace";
import { type ContractSpanKind, type SpanDefinition, validateValue } from "#contract";
import { describeThrown, toExceptionEvent } from "./exception.ts";
import type { RequestScope } from "./request-scope.ts";

const kinds: Readonly<Record<ContractSpanKind, SpanKind>> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/** In an object, because `undefined` can be thrown too. */
export interface Failure {
  readonly thrown: unknown;
}

interface SpanStart {
  readonly definition: SpanDefinition;
  readonly values: Values;
  /** The context that the span starts in: the parent span's, or the caller's of the whole request. */
  readonly context: Context;
  readonly parent?: TracedSpan;
  /** What speaks against this span here. It runs all the same, and leaves no span. */
  readonly fault?: string | undefined;
}

/**
 * A span of a request that holds only what its definition allows, and always ends within its parent.
 * What the contract does not allow is left out, logged and counted, because a defect of the server is
 * no reason to fail a request.
 */
export class TracedSpan {
  readonly scope: RequestScope;
  readonly definition: SpanDefinition;
  readonly span: Span;
  /** The context in which this span is active. */
  readonly context: Context;
  readonly #isRecorded: boolean;
  readonly #startTime: HrTime;
  readonly #parent: TracedSpan | undefined;
  readonly #openChildren = new Set<TracedSpan>();
  readonly #given = new Map<string, unknown>();
  #state: "open" | "ended" | "abandoned" = "open";
  #hasFailedChild = false;
  #hasInterruptedChild = false;

  private constructor(scope: RequestScope, { definition, values, parent, ...start }: SpanStart) {
    this.scope = scope;
    this.definition = definition;
    this.#parent = parent;
    this.#isRecorded = start.fault === undefined && (parent === undefined || parent.#takesChildren);
    const faults: string[] = start.fault === undefined ? [] : [start.fault];
    const attributes = this.#checked(values, (fault) => faults.push(fault));
    this.#startTime = parent === undefined ? scope.clock.start() : scope.clock.now();
    if (this.#isRecorded) {
      this.span = startOwnSpan(scope.service.tracer, definition.name, start.context, {
        kind: kinds[definition.kind],
        startTime: this.#startTime,
        attributes,
      });
      this.context = trace.setSpan(start.context, this.span);
    } else {
      this.span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
      this.context = start.context;
    }
    for (const fault of faults) {
      scope.reportViolation(this, fault);
    }
  }

  static startRoot(scope: RequestScope, definition: SpanDefinition, from: Context, values: Values) {
    const { spans } = scope.service.contract;
    const isRoot = spans[definition.identifier] === definition && definition.parent === null;
    const fault = isRoot ? undefined : `${definition.identifier} is not the root of the contract`;
    return new TracedSpan(scope, { definition, values, context: from, fault });
  }

  startChild(definition: SpanDefinition, values: Values): TracedSpan {
    const fault = this.#faultOfChild(definition);
    const start = { definition, values, context: this.context, parent: this, fault };
    const child = new TracedSpan(this.scope, start);
    this.#openChildren.add(child);
    return child;
  }

  #faultOfChild(definition: SpanDefinition): string | undefined {
    const { identifier, parent } = definition;
    if (this.scope.service.contract.spans[identifier] !== definition || parent === null) {
      return `${identifier} is not a stage of the contract`;
    }
    if (parent !== this.definition.identifier) {
      return `${identifier} started below ${this.definition.identifier}, its place is ${parent}`;
    }
    return this.#state === "ended" ? `${identifier} started after its parent had ended` : undefined;
  }

  get #takesChildren(): boolean {
    return this.#isRecorded && this.#state === "open";
  }

  /** Runs something with this span active. */
  run<Result>(work: () => Result): Result {
    return context.with(this.context, work);
  }

  /** What was given for an attribute, whether or not the contract allowed it. */
  given(identifier: string): unknown {
    return this.#given.get(identifier);
  }

  set(values: Values): void {
    if (this.#state === "open") {
      this.span.setAttributes(
        this.#checked(values, (fault) => this.scope.reportViolation(this, fault)),
      );
    } else if (this.#state === "ended") {
      this.scope.reportViolation(this, "something was set after the end");
    }
  }

  #checked(values: Values, report: (fault: string) => void): Attributes {
    for (const identifier in values) {
      this.#given.set(identifier, values[identifier]);
    }
    return toAttributes(this.definition, values, report);
  }

  /** Sets status ERROR; and records the exception, unless a child already tells of one. */
  fail(failure?: Failure): void {
    if (this.#state !== "open") {
      return;
    }
    if (failure === undefined || this.#hasFailedChild) {
      this.span.setStatus({ code: SpanStatusCode.ERROR });
    } else {
      const described = describeThrown(failure.thrown);
      this.span.recordException(toExceptionEvent(described), this.scope.clock.now());
      this.span.setStatus({ code: SpanStatusCode.ERROR, message: described.code });
    }
    if (this.#parent !== undefined && this.#isRecorded) {
      this.#parent.#hasFailedChild = true;
    }
  }

  /** Sets what the contract has an interrupted span say; the innermost one writes the line. */
  interrupt(): void {
    if (this.#state !== "open") {
      return;
    }
    this.set(this.definition.whenInterrupted);
    if (!this.#hasInterruptedChild) {
      this.scope.interrupted(this);
    }
    if (this.#parent !== undefined) {
      this.#parent.#hasInterruptedChild = true;
    }
  }

  /**
   * Ends the span, and before it what still runs below it.
   * @param required Identifiers of the attributes that the span must have.
   * @param isCut Whether it ends because it threw or was interrupted.
   */
  end(required: readonly string[], isCut: boolean): void {
    if (this.#state !== "open") {
      return;
    }
    for (const child of this.#openChildren) {
      if (!isCut) {
        this.scope.reportViolation(this, `it ended before ${child.definition.identifier}`);
      }
      child.#abandon();
    }
    const missing = required.filter((identifier) => !this.#given.has(identifier));
    if (missing.length > 0) {
      this.scope.reportViolation(this, `it ended without ${missing.join(", ")}`);
    }
    this.#close("ended");
  }

  /** A stage that still runs when its parent ends: nobody waits for it, so it counts as interrupted. */
  #abandon(): void {
    for (const child of this.#openChildren) {
      child.#abandon();
    }
    this.interrupt();
    this.#close("abandoned");
  }

  #close(state: "ended" | "abandoned"): void {
    this.#state = state;
    if (this.#parent !== undefined) {
      this.#parent.#openChildren.delete(this);
    }
    const endTime = this.scope.clock.now();
    this.span.end(endTime);
    if (this.#isRecorded) {
      this.scope.spanEnded(this.definition, {
        startTime: this.#startTime,
        endTime,
        value: (identifier) => this.#given.get(identifier) as never,
      });
    }
  }
}

const ids = new RandomIdGenerator();

/**
 * Starts a span that always has ids of its own. Without a provider OpenTelemetry hands back the
 * parent's span, or one whose ids are all zeros; log lines need ids all the same.
 */
function startOwnSpan(tracer: Tracer, name: string, parent: Context, options: SpanOptions): Span {
  const span = tracer.startSpan(name, options, parent);
  const parentIds = trace.getSpanContext(parent);
  const { spanId } = span.spanContext();
  if (isSpanContextValid(span.spanContext()) && spanId !== parentIds?.spanId) {
    return span;
  }
  return trace.wrapSpanContext({
    traceId: parentIds?.traceId ?? ids.generateTraceId(),
    spanId: ids.generateSpanId(),
    traceFlags: TraceFlags.NONE,
  });
}

/** Values by the identifiers of their attributes, as code gives them. */
export type Values = Readonly<Record<string, unknown>>;

/** The values that the span's definition allows, by wire name; each other one is reported. */
function toAttributes(
  definition: SpanDefinition,
  values: Values,
  report: (fault: string) => void,
): Attributes {
  const attributes: Attributes = {};
  for (const identifier in values) {
    if (!Object.hasOwn(definition.attributes, identifier)) {
      report(`${definition.identifier} has no such attribute as the one that was set`);
      continue;
    }
    const attribute = definition.attributes[identifier];
    const fault = attribute && validateValue(attribute, values[identifier]);
    if (attribute === undefined || fault !== undefined) {
      report(`${attribute?.key} is ${fault}`);
    } else {
      attributes[attribute.key] = values[identifier] as string | number | boolean;
    }
  }
  return attributes;
}
