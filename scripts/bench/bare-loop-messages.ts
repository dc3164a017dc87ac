/** What the bare loop is told, and what it says. */
export interface BareLoopSetup {
  readonly modelPath: string;
  readonly gpu: string;
  readonly threads: number;
  readonly streams: number;
  /** Tokens of a sequence. */
  readonly contextTokens: number;
  readonly batchTokens: number;
}

export type ToBareLoop =
  | { readonly type: "load"; readonly setup: BareLoopSetup }
  /** One prompt a stream, all at once. */
  | { readonly type: "generate"; readonly prompts: readonly string[]; readonly maxTokens: number };

export interface BareLoopResult {
  readonly elapsedMs: number;
  /** Of each stream. */
  readonly promptTokens: readonly number[];
  readonly completionTokens: readonly number[];
}

export type FromBareLoop =
  | { readonly type: "loaded" }
  | { readonly type: "generated"; readonly result: BareLoopResult }
  | { readonly type: "failed"; readonly reason: string };
