import { defineErrors } from "#errors";

interface TooLong {
  readonly promptTokens: number;
  /** False for a prompt so long that its tokens were not counted: it has at least so many. */
  readonly isExact: boolean;
  readonly contextTokens: number;
}

/** The errors of the engine. Messages hold numbers and names, never a request's content. */
export class EngineError extends defineErrors("EngineError", {
  backend_unavailable: {
    message: ({ gpu }: { gpu: string }) => `No build of llama.cpp for the GPU "${gpu}" works here.`,
    hint: "Run npm run gpu:install -- cuda (or vulkan), or set MINISERVE_GPU to off.",
  },
  model_unloadable: {
    message: ({ modelPath }: { modelPath: string }) => `llama.cpp cannot load ${modelPath}.`,
    hint: "Check that it is a complete GGUF file of a text model, and that it fits into memory.",
  },
  context_uncreatable: {
    message: ({ slots, contextTokens }: { slots: number; contextTokens: number }) =>
      `There is not enough memory for ${slots} slots of ${contextTokens} tokens.`,
    hint: "Lower MINISERVE_SLOTS or MINISERVE_SLOT_TOKENS.",
  },
  chat_template_missing: {
    status: 400,
    message: "The model has no chat template.",
    hint: "Use /v1/completions or a chat model.",
  },
  chat_messages_refused: {
    status: 400,
    message: ({ roles }: { roles: string }) =>
      `The model's chat template does not accept these roles in this order: ${roles}.`,
    hint: "Begin with the user's message, or the system's, and let user and assistant take turns.",
  },
  chat_template_endless: {
    status: 500,
    message: "The model's chat template does not finish, or uses too much memory.",
    hint: "Correct the template in the model's file, or set MINISERVE_MODEL to another model.",
  },
  schema_refused: {
    status: 400,
    /** Sentences about a JSON Schema, which repeat nothing of it but keywords. */
    message: ({ faults }: { faults: string }) =>
      `The schema of response_format cannot be used. ${faults}`,
    hint: "docs/api.md lists the keywords.",
  },
  tools_refused: {
    status: 400,
    message: ({ faults }: { faults: string }) => `The tools cannot be used. ${faults}`,
    hint: "docs/api.md lists the keywords.",
  },
  bias_refused: {
    status: 400,
    message: ({ tokenCount }: { tokenCount: number }) =>
      `logit_bias has a token that ends an answer, or one that the vocabulary, of ${tokenCount} tokens, does not have.`,
    hint: "Leave it out.",
  },
  context_length_exceeded: {
    status: 400,
    message: ({ promptTokens, isExact, contextTokens }: TooLong) =>
      `The input has ${isExact ? "" : "at least "}${promptTokens} tokens, and a slot holds ${contextTokens}, the answer included.`,
    hint: "Send less, or set MINISERVE_SLOT_TOKENS to more.",
  },
  queue_full: {
    status: 429,
    message: (_: { queueLimit: number; retryAfterSeconds: number }) =>
      "Every slot is busy and the queue is full.",
    hint: "Retry after the number of seconds in Retry-After.",
  },
  generation_failed: {
    status: 500,
    message: "The model failed.",
    hint: "The log has the trace id.",
  },
  engine_closed: {
    status: 503,
    message: "The server is stopping.",
    hint: "Send the request again.",
  },
}) {}
