/** Why a request or a command cannot use an index. Names of indexes are ours; the asked one is not. */
export type RetrievalFault =
  | { readonly code: "unknown_index"; readonly known: readonly string[] }
  | { readonly code: "index_unreadable"; readonly name: string }
  | { readonly code: "index_building"; readonly retryAfterSeconds: number }
  | {
      readonly code: "index_unusable";
      /** A sentence: what is wrong with the index. */
      readonly seen: string;
      /** A sentence: what an operator can do. */
      readonly remedy: string;
    };

/** The one error class of indexes. Its messages hold names, paths and numbers, never a passage. */
export class RetrievalError extends Error {
  readonly fault: RetrievalFault;

  constructor(fault: RetrievalFault, options?: ErrorOptions) {
    super(describe(fault), options);
    this.name = "RetrievalError";
    this.fault = fault;
  }

  get code(): RetrievalFault["code"] {
    return this.fault.code;
  }
}

function describe(fault: RetrievalFault): string {
  switch (fault.code) {
    case "unknown_index":
      return fault.known.length === 0
        ? "There is no index yet."
        : `There is no such index. Known are: ${fault.known.join(", ")}.`;
    case "index_unreadable":
      return `The index ${fault.name} cannot be read.`;
    case "index_building":
      return "The index is being built.";
    case "index_unusable":
      return `${fault.seen} ${fault.remedy}`;
    default:
      return fault satisfies never;
  }
}
