import { type Context, context, type HrTime, type Tracer } from "@opentelemetry/api";
import type { SpanDefinition } from "#contract";
import type { Log } from "../logging/index.ts";
import { EndedRequest, type EndedSpan } from "./ended-request.ts";
import { describeThrown } from "./exception.ts";
import type { TracingContract } from "./tracing-contract.ts";

/** What the requests of a service have in common. */
export interface ServiceScope {
  readonly contract: TracingContract;
  readonly tracer: Tracer;
  readonly log: Log;
  /** Whether what was thrown means that the request was stopped from outside. */
  readonly isInterruption: (thrown: unknown) => boolean;
  readonly countViolation: () => void;
  /** Hears of each request when all of it has ended. */
  readonly onRequestEnded: (request: EndedRequest) => void;
}

/** The span that a line is about, and the context that gives the line its ids. */
interface LineOwner {
  readonly definition: SpanDefinition;
  readonly context: Context;
}

/** What the spans of one request have in common: their clock, and the lines that are written for them. */
export class RequestScope {
  readonly service: ServiceScope;
  readonly clock: RequestClock;
  readonly #reported = new Set<unknown>();
  readonly #ended = new Map<SpanDefinition, EndedSpan>();

  constructor(service: ServiceScope, clock: RequestClock) {
    this.service = service;
    this.clock = clock;
  }

  spanEnded(definition: SpanDefinition, span: EndedSpan): void {
    this.#ended.set(definition, span);
  }

  /** Says that the request is over, to whoever measures it. What that throws is a defect, and no more. */
  requestEnded(root: LineOwner): void {
    try {
      this.service.onRequestEnded(new EndedRequest(this.#ended));
    } catch {
      this.reportViolation(root, "what measures requests threw");
    }
  }

  reportViolation({ definition, context: owner }: LineOwner, fault: string): void {
    const { contract, log, countViolation } = this.service;
    countViolation();
    const fields = { stage: definition.name, reason: `${fault}.` };
    context.with(owner, () => log(contract.logEvents.contractViolated, fields));
  }

  interrupted({ definition, context: owner }: LineOwner): void {
    const { contract, log } = this.service;
    const fields = { stage: definition.name };
    context.with(owner, () => log(contract.logEvents.stageInterrupted, fields));
  }

  /** One line for whatever was thrown, and none for what was thrown because of it. */
  failed({ definition, context: owner }: LineOwner, thrown: unknown): void {
    const { contract, log } = this.service;
    const isReported = listCauses(thrown).some((cause) => this.#reported.has(cause));
    this.#reported.add(thrown);
    if (!isReported) {
      const { code, exceptionType, stackFrames } = describeThrown(thrown);
      const fields = { stage: definition.name, errorType: code, exceptionType, stackFrames };
      context.with(owner, () => log(contract.logEvents.stageFailed, fields));
    }
  }
}

/** What was thrown, and what it says it was caused by. */
function listCauses(thrown: unknown): unknown[] {
  const causes: unknown[] = [];
  let cause = thrown;
  do {
    causes.push(cause);
    cause = cause instanceof Error ? cause.cause : undefined;
  } while (cause !== undefined && !causes.includes(cause));
  return causes;
}

const nanosecondsPerSecond = 1_000_000_000;
const nanosecondsPerMillisecond = 1_000_000;
const millisecondsPerSecond = 1_000;

/**
 * The one clock of a request. OpenTelemetry JS takes starts from the wall clock and ends from a
 * monotonic one, so that a child may seem to end after its parent. Here every start, end and event of
 * a request is monotonic time on top of one look at the wall clock.
 */
export class RequestClock {
  readonly #startedAt: bigint;
  readonly #epochSeconds: number;
  readonly #epochNanoseconds: number;

  /** @param startedAt When the request began, of `process.hrtime.bigint()`. */
  constructor(startedAt: bigint = process.hrtime.bigint()) {
    this.#startedAt = startedAt;
    const epochMs = Date.now() - this.#elapsedNanoseconds() / nanosecondsPerMillisecond;
    this.#epochSeconds = Math.floor(epochMs / millisecondsPerSecond);
    this.#epochNanoseconds = Math.round(
      (epochMs - this.#epochSeconds * millisecondsPerSecond) * nanosecondsPerMillisecond,
    );
  }

  /** Now, as seconds and nanoseconds since 1970. Never goes back. */
  now(): HrTime {
    return this.#after(this.#elapsedNanoseconds());
  }

  /** The start of the request. */
  start(): HrTime {
    return this.#after(0);
  }

  /** Microseconds since the start of the request. */
  elapsedUs(): number {
    return Math.floor(this.#elapsedNanoseconds() / 1_000);
  }

  #after(elapsedNanoseconds: number): HrTime {
    const nanoseconds = this.#epochNanoseconds + elapsedNanoseconds;
    const seconds = Math.floor(nanoseconds / nanosecondsPerSecond);
    return [this.#epochSeconds + seconds, nanoseconds - seconds * nanosecondsPerSecond];
  }

  #elapsedNanoseconds(): number {
    return Number(process.hrtime.bigint() - this.#startedAt);
  }
}
