import { TraceFlags } from "@opentelemetry/api";
import type { Outcome, SpanDefinition } from "#contract";
import type { Values } from "./attribute-values.ts";
import { remoteParent } from "./remote-parent.ts";
import { RequestClock } from "./request-clock.ts";
import { RequestScope, type ServiceScope } from "./request-scope.ts";
import type { Done, RequestStart, RequestTrace } from "./request-trace.ts";
import { RunningSpan, takeResult } from "./stage.ts";
import { type Failure, TracedSpan } from "./traced-span.ts";

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
    const outcome = outcomeOf(this.#root);
    const tree = outcome?.tree ?? (failure === undefined ? "whole" : "failed");
    if (tree === "failed" && failure !== undefined) {
      this.noteFailure(failure.thrown);
    }
    if (outcome === undefined ? tree === "failed" : outcome.rootStatus === "error") {
      this.#root.fail(tree === "failed" ? this.#failure : undefined);
    }
    const required = [
      ...definition.atStart,
      ...definition.atEnd,
      ...(tree === "whole" ? definition.onSuccess : []),
      ...(outcome?.needs ?? []),
    ];
    this.#root.end(required, tree !== "whole");
    this.#root.scope.requestEnded(this.#root);
  }
}

function outcomeOf(root: TracedSpan): Outcome | undefined {
  const { outcomes } = root.scope.service.contract;
  const name = outcomes && root.given(outcomes.attribute);
  return typeof name === "string" ? outcomes?.byName[name] : undefined;
}

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
      scope.violated(root, "onThrow threw, and gave no values for the end");
    }
    request.end({ thrown });
    throw thrown;
  }
}
