/** Everything that can go wrong on the way to a model file, by its stable code. */
export const modelErrors = {
  model_address_invalid: "The configured model is neither a path nor a complete hf: address.",
  model_not_found: "The configured model is not at the path or address given.",
  model_not_gguf: "The file is not a GGUF model.",
  model_damaged: "The file starts like a GGUF model but is truncated or damaged.",
  model_checksum_mismatch: "The file is the wrong one or damaged.",
  model_download_failed: "The model could not be downloaded.",
  model_package_failed: "The Python package that contains the model could not be used.",
  model_needs_network: "The model is not on this machine, and downloads are off.",
  model_directory_not_writable: "The model could not be stored.",
  embedding_model_unusable: "llama.cpp cannot compute embeddings with MINISERVE_EMBEDDING_MODEL.",
  ranking_model_unusable: "llama.cpp cannot rank texts with MINISERVE_RERANK_MODEL.",
} as const;

export type ModelErrorCode = keyof typeof modelErrors;

export interface ModelErrorDetails {
  /** What was seen, as a sentence. */
  readonly seen: string;
  /** What the operator can do, as a sentence. */
  readonly remedy: string;
  readonly cause?: unknown;
}

export class ModelError extends Error {
  override readonly name = "ModelError";
  readonly code: ModelErrorCode;
  readonly seen: string;
  readonly remedy: string;

  constructor(code: ModelErrorCode, { seen, remedy, cause }: ModelErrorDetails) {
    super(`${seen} ${remedy}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.seen = seen;
    this.remedy = remedy;
  }
}

/** The code that the operating system or the network gave to an error, such as ENOSPC. */
export function systemErrorCode(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ("code" in current && typeof current.code === "string") {
      return current.code;
    }
    if (current instanceof AggregateError && current.errors.length > 0) {
      return systemErrorCode(current.errors[0]);
    }
  }
  return undefined;
}
