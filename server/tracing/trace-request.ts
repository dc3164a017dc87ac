import type { IncomingHttpHeaders } from "node:http";
import { type Context, defaultTextMapGetter, ROOT_CONTEXT, TraceFlags } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import type { AtStart, Outcome, SpanDefinition } from "#contract";
import { RequestClock, RequestScope, type ServiceScope } from "./request-scope.ts";
import type { Done, EndValues, RequestStart, RequestTrace, StageTrace } from "./request-trace.ts";
import { type Failure, TracedSpan, type Values } from "./traced-span.ts";

/** Runs a request within its root span, which is below the caller's span where the headers name one. */
export async function traceRequest<Root extends SpanDefinition, Result>(
  service: ServiceScope,
  definition: Root,
  { headers, values, startedAt, onThrow }: RequestStart<Root>,
  body: (request: RequestTrace<Root>) => Promise<Done<Root, Result>>,
): Promise<Result> {
  const scope = new RequestScope(service, new RequestClock(startedAt));
  const from = remoteParent(headers);
  const root = TracedSpan.startRoot(scope, definition, from, values as Values);
  const request = new RunningRequest<Root>(root);
  try {
    const result = takeResult(root, await root.run(() => body(request)));
    request.end();
    return result;
  } catch (thrown) {
    try {
      root.set(root.run(() => onThrow(thrown)) as Values);
    } catch {
      scope.reportViolation(root, "onThrow threw, and gave no values for the end");
    }
    request.end({ thrown });
    throw thrown;
  }
}

/** What `done` makes: which span the values are for is checked when it ends. */
class Finished {
  readonly span: TracedSpan;
  readonly result: unknown;
  readonly values: Values;

  constructor(span: TracedSpan, result: unknown, values: Values) {
    this.span = span;
    this.result = result;
    this.values = values;
  }
}

/** A running span, as the body of a stage or a request sees it. */
class RunningSpan<Definition extends SpanDefinition> implements StageTrace<Definition> {
  readonly #span: TracedSpan;

  constructor(span: TracedSpan) {
    this.#span = span;
  }

  set(values: Values): void {
    this.#span.set(values);
  }

  stage<Child extends SpanDefinition, Result>(
    definition: Child,
    values: AtStart<Child>,
    body: (stage: StageTrace<Child>) => Promise<Done<Child, Result>>,
  ): Promise<Result> {
    const child = this.#span.startChild(definition, values as Values);
    return runStage(child, () => body(new RunningSpan<Child>(child)));
  }

  done<Result>(result: Result, values: EndValues<Definition>): Done<Definition, Result> {
    const finished = new Finished(this.#span, result, values as Values);
    return finished as unknown as Done<Definition, Result>;
  }

  run<Result>(work: () => Result): Result {
    return this.#span.run(work);
  }
}

/** Sets the values that a body returned with its result. */
function takeResult<Definition extends SpanDefinition, Result>(
  span: TracedSpan,
  done: Done<Definition, Result>,
): Result {
  const finished = done as unknown as Finished;
  if (finished.span === span) {
    span.set(finished.values);
  } else {
    span.scope.reportViolation(span, "it ended with the values of another span");
  }
  return done.result;
}

async function runStage<Definition extends SpanDefinition, Result>(
  span: TracedSpan,
  body: () => Promise<Done<Definition, Result>>,
): Promise<Result> {
  const { definition, scope } = span;
  const always = [...definition.atStart, ...definition.atEnd];
  try {
    const result = takeResult(span, await span.run(body));
    span.end([...always, ...definition.onSuccess], false);
    return result;
  } catch (thrown) {
    if (scope.service.isInterruption(thrown)) {
      span.interrupt();
      span.end(always, true);
    } else {
      scope.failed(span, thrown);
      span.set(definition.whenFailed);
      span.fail({ thrown });
      span.end([...always, ...Object.keys(definition.whenFailed)], true);
    }
    throw thrown;
  }
}

/** A running request. The body sees it as a `RequestTrace`. */
class RunningRequest<Root extends SpanDefinition>
  extends RunningSpan<Root>
  implements RequestTrace<Root>
{
  readonly traceId: string;
  readonly exported: boolean;
  readonly #root: TracedSpan;
  #failure: Failure | undefined;

  constructor(root: TracedSpan) {
    super(root);
    this.#root = root;
    const { traceId, traceFlags } = root.span.spanContext();
    this.traceId = traceId;
    this.exported = root.span.isRecording() && (traceFlags & TraceFlags.SAMPLED) !== 0;
  }

  elapsedUs(): number {
    return this.#root.scope.clock.elapsedUs();
  }

  noteFailure(thrown: unknown): void {
    this.#root.scope.failed(this.#root, thrown);
    this.#failure ??= { thrown };
  }

  /** Ends the root as its outcome asks. Without outcomes a body that threw is a failure. */
  end(failure?: Failure): void {
    const { definition } = this.#root;
    const outcome = findOutcome(this.#root);
    const tree = outcome?.tree ?? (failure === undefined ? "complete" : "failed");
    if (tree === "failed" && failure !== undefined) {
      this.noteFailure(failure.thrown);
    }
    if (outcome === undefined ? tree === "failed" : outcome.rootStatus === "error") {
      this.#root.fail(tree === "failed" ? this.#failure : undefined);
    }
    const required = [
      ...definition.atStart,
      ...definition.atEnd,
      ...(tree === "complete" ? definition.onSuccess : []),
      ...(outcome?.needs ?? []),
    ];
    this.#root.end(required, tree !== "complete");
    this.#root.scope.requestEnded(this.#root);
  }
}

function findOutcome(root: TracedSpan): Outcome | undefined {
  const { outcomes } = root.scope.service.contract;
  const name = outcomes && root.given(outcomes.attribute);
  return typeof name === "string" ? outcomes?.byName[name] : undefined;
}

const propagator = new W3CTraceContextPropagator();
/** Longer than any version of the header that there is. */
const maxLength = 128;

/**
 * The caller's span as the context of a request, or an empty context when the header is missing or
 * malformed. `tracestate` is not even looked at: what is kept of it would be exported with every span,
 * and a client may write anything there.
 */
function remoteParent({ traceparent }: IncomingHttpHeaders): Context {
  // A header that was sent twice arrives as one text with a comma, which is malformed.
  return typeof traceparent === "string" && traceparent.length <= maxLength
    ? propagator.extract(ROOT_CONTEXT, { traceparent }, defaultTextMapGetter)
    : ROOT_CONTEXT;
}
