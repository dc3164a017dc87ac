import type { IncomingHttpHeaders } from "node:http";
import type { AtEnd, AtStart, OnSuccess, Settable, SpanDefinition } from "#contract";

/** What a span must end with when its work is done, and what it may end with besides. */
export type EndValues<Definition> = AtEnd<Definition> &
  OnSuccess<Definition> &
  Settable<Definition>;

/** What a request must end with however it ends, and what it may end with besides. */
export type RequestEnd<Root> = AtEnd<Root> & Settable<Root>;

declare const doneBy: unique symbol;

/** The result of a stage together with the attributes that its span ends with. Only `done` makes one. */
export interface Done<Definition extends SpanDefinition, Result> {
  readonly result: Result;
  /** Never there at run time. */
  readonly [doneBy]: Definition;
}

/** A running stage, as its body sees it. */
export interface StageTrace<Definition extends SpanDefinition = SpanDefinition> {
  /** Sets attributes of this span. A value that the contract refuses is left out and logged. */
  set(values: Settable<Definition>): void;

  /**
   * Runs a child stage: a span that is open and active while `body` runs. It ends with the values
   * given to `done`, or with what the contract says of interrupted and failed stages.
   * @throws whatever `body` throws, unchanged.
   */
  stage<Child extends SpanDefinition, Result>(
    definition: Child,
    values: AtStart<Child>,
    body: (stage: StageTrace<Child>) => Promise<Done<Child, Result>>,
  ): Promise<Result>;

  /** What the body returns: its result, and all that the span must have when the work is done. */
  done<Result>(result: Result, values: EndValues<Definition>): Done<Definition, Result>;

  /** Runs something with this span active, wherever it is called from. */
  run<Result>(work: () => Result): Result;
}

/** A running request, as its body sees it. */
export interface RequestTrace<Root extends SpanDefinition = SpanDefinition>
  extends StageTrace<Root> {
  /** 32 lower-case hexadecimal digits, also when nothing is exported. */
  readonly traceId: string;
  /** Whether the trace is sent anywhere: tracing is on, and this request was sampled. */
  readonly exported: boolean;
  /** Microseconds since the request began. */
  elapsedUs(): number;
  /**
   * Notes what went wrong outside of any stage, for a body that answers an error and ends normally.
   * The root has the exception if its outcome is a failure and no stage has it.
   */
  noteFailure(error: unknown): void;
}

export interface RequestStart<Root extends SpanDefinition> {
  readonly headers: IncomingHttpHeaders;
  readonly values: AtStart<Root>;
  /** When the request began, of `process.hrtime.bigint()`; now, if left out. */
  readonly startedAt?: bigint;
  /** What the root ends with when the body throws. Called with the root active. */
  readonly onThrow: (error: unknown) => RequestEnd<Root>;
}
