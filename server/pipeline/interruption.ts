/** Why a request stops before its end: outcomes of the contract with an interrupted tree. */
export type Interruption = "aborted" | "timeout" | "shutdown";

/** The reason of a request's abort signal, thrown by whatever was running. */
export class RequestInterrupted extends Error {
  override readonly name = "RequestInterrupted";
  readonly outcome: Interruption;

  constructor(outcome: Interruption) {
    super(`The request was interrupted: ${outcome}.`);
    this.outcome = outcome;
  }
}

export function isInterruption(thrown: unknown): thrown is RequestInterrupted {
  return thrown instanceof RequestInterrupted;
}
