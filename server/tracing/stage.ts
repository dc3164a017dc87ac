import type { AtStart, SpanDefinition } from "#contract";
import type { Values } from "./attribute-values.ts";
import type { Done, EndValues, StageTrace } from "./request-trace.ts";
import type { TracedSpan } from "./traced-span.ts";

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
export class RunningSpan<Definition extends SpanDefinition> implements StageTrace<Definition> {
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
export function takeResult<Definition extends SpanDefinition, Result>(
  span: TracedSpan,
  done: Done<Definition, Result>,
): Result {
  const finished = done as unknown as Finished;
  if (finished.span === span) {
    span.set(finished.values);
  } else {
    span.scope.violated(span, "it ended with the values of another span");
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
