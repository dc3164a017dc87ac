import { defineErrors, varied } from "#errors";

/** What can go wrong on the way to a model file. */
export class ModelError extends defineErrors("ModelError", {
  model_address_invalid: varied(
    "The configured model is neither a path nor a complete hf: address.",
    "Give the path of a .gguf file, or hf:user/repository/file.gguf.",
  ),
  model_not_found: varied(
    "The configured model is not at the path or address given.",
    "Correct it, or leave the model unset for the default one.",
  ),
  model_not_gguf: varied(
    "The file is not a GGUF model.",
    "Give the path or address of a model in GGUF format.",
  ),
  model_damaged: {
    message: ({ path, reason }: { path: string; reason: string }) =>
      `${path} is not a whole GGUF file: ${reason}.`,
    hint: "Fetch the file again, and compare its size with that of the original.",
  },
  model_checksum_mismatch: {
    message: ({ difference }: { difference: string }) =>
      `This is not the file that was asked for: ${difference}.`,
    hint: "It is not used. Fetch it again, or from elsewhere.",
  },
  model_download_failed: varied(
    "The model could not be downloaded.",
    "Check the network and start again, or download the file by hand and give its path.",
  ),
  model_package_failed: varied(
    "The Python package that contains the model could not be used.",
    "Download the model by hand into the models directory.",
  ),
  model_needs_network: {
    message: ({ address }: { address: string }) =>
      `${address} is not on this machine, and being offline the network is not asked.`,
    hint: "Fetch it once while online, or give the path of a file that is here.",
  },
  model_directory_not_writable: {
    message: ({ directory, reason }: { directory: string; reason: string }) =>
      `Nothing can be stored in ${directory} (${reason}).`,
    hint: "Make room there, allow writing, or set another models directory.",
  },
  embedding_model_unusable: {
    message: ({ name }: { name: string }) =>
      `llama.cpp cannot make vectors with the file of ${name}.`,
    hint: "Set MINISERVE_EMBEDDING_MODEL to an embedding model, or leave it unset.",
  },
  ranking_model_unusable: {
    message: ({ name }: { name: string }) =>
      `llama.cpp cannot rank texts with the file of ${name}.`,
    hint: "Set MINISERVE_RERANK_MODEL to a ranking model, or leave it unset.",
  },
}) {}

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
