import type { StackState } from "../state/stack-state.ts";

/** How a child is started and stopped. */
export interface ChildPlan {
  readonly name: "store" | "viewer" | "server";
  readonly command: string;
  readonly arguments: readonly string[];
  /** On top of the supervisor's own environment. It goes into no file. */
  readonly environment: Readonly<Record<string, string>>;
  /** Answers 200 when the child is ready. */
  readonly readyUrl: string;
  /** How long it may take to stop before it is killed. */
  readonly stopLimitMs: number;
}

export interface SupervisorPlan {
  /** Where the state and the children's output go. */
  readonly directory: string;
  /** The children's working directory. */
  readonly checkout: string;
  /** The state on disk, whose processes the supervisor fills in. */
  readonly state: StackState;
  /** Started all at once, stopped from the last to the first. */
  readonly children: readonly ChildPlan[];
  /** How long all of them may take to become ready. */
  readonly readyLimitMs: number;
}

/** What `stack:up` tells the supervisor. Without `adopt` the stack ends with the `stack:up`. */
export type ToSupervisor =
  | { readonly type: "start"; readonly plan: SupervisorPlan }
  | { readonly type: "adopt" }
  | { readonly type: "stop" };

export type FromSupervisor =
  | { readonly type: "child-ready"; readonly name: string; readonly afterMs: number }
  | { readonly type: "ready" }
  | { readonly type: "failed"; readonly name: string; readonly sentence: string };
