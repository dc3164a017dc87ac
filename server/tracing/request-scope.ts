import { type Context, context, type Tracer } from "@opentelemetry/api";
import type { SpanDefinition } from "#contract";
import type { Log } from "../logging/index.ts";
import { EndedRequest, type EndedSpan } from "./ended-request.ts";
import { describeThrown } from "./exception.ts";
import type { RequestClock } from "./request-clock.ts";
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
      this.violated(root, "what measures requests threw");
    }
  }

  violated({ definition, context: owner }: LineOwner, fault: string): void {
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
    const isReported = causesOf(thrown).some((cause) => this.#reported.has(cause));
    this.#reported.add(thrown);
    if (!isReported) {
      const { code, exceptionType, stackFrames } = describeThrown(thrown);
      const fields = { stage: definition.name, errorType: code, exceptionType, stackFrames };
      context.with(owner, () => log(contract.logEvents.stageFailed, fields));
    }
  }
}

/** What was thrown, and what it says it was caused by. */
function causesOf(thrown: unknown): unknown[] {
  const causes: unknown[] = [];
  let cause = thrown;
  do {
    causes.push(cause);
    cause = cause instanceof Error ? cause.cause : undefined;
  } while (cause !== undefined && !causes.includes(cause));
  return causes;
}
