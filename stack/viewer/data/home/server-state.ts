/** What the viewer's server tells its page about the server that makes the traces. */
export interface ServerState {
  /** `none` where the stack runs without one; `not ready` while it loads its model or stops. */
  readonly state: "none" | "ready" | "not ready" | "unreachable";
}

/** What came of a sample request. */
export interface SampleReport {
  /** Null when the answer named no trace. */
  readonly traceId: string | null;
  readonly durationMs: number;
  readonly completionTokens: number | null;
}
