/** What can go wrong in the engine, with the numbers that a client or an operator needs. */
export type EngineFault =
  | { readonly code: "backend_unavailable"; readonly gpu: string }
  | { readonly code: "model_unloadable"; readonly modelPath: string }
  | { readonly code: "context_uncreatable"; readonly slots: number; readonly contextTokens: number }
  | { readonly code: "chat_template_missing" }
  | { readonly code: "chat_messages_refused"; readonly roles: readonly string[] }
  | { readonly code: "chat_template_endless" }
  /** Sentences about a JSON Schema, which repeat nothing of it but keywords. */
  | { readonly code: "schema_refused"; readonly faults: readonly string[] }
  | {
      readonly code: "context_length_exceeded";
      readonly promptTokens: number;
      /** False for a prompt so long that its tokens were not counted: it has at least so many. */
      readonly isExact: boolean;
      readonly contextTokens: number;
    }
  | {
      readonly code: "queue_full";
      readonly queueLimit: number;
      readonly retryAfterSeconds: number;
    }
  | { readonly code: "generation_failed" }
  | { readonly code: "engine_closed" };

export type EngineErrorCode = EngineFault["code"];

/** The one error class of the engine. Messages hold numbers and names, never a request's content. */
export class EngineError extends Error {
  readonly fault: EngineFault;

  constructor(fault: EngineFault, options?: ErrorOptions) {
    super(describe(fault), options);
    this.name = "EngineError";
    this.fault = fault;
  }

  get code(): EngineErrorCode {
    return this.fault.code;
  }
}

function describe(fault: EngineFault): string {
  switch (fault.code) {
    case "backend_unavailable":
      return `No llama.cpp build for gpu "${fault.gpu}" is installed or works here. Install one, or run on the CPU.`;
    case "model_unloadable":
      return `The model file ${fault.modelPath} could not be loaded. Check that it is a whole GGUF file of a text model and that it fits into memory.`;
    case "context_uncreatable":
      return `No context for ${fault.slots} slots of ${fault.contextTokens} tokens could be created. Ask for fewer slots or a shorter context.`;
    case "chat_template_missing":
      return "This model has no chat template that works. Use text completion, or a model made for chat.";
    case "chat_messages_refused":
      return `The model's chat template refuses this order of roles: ${fault.roles.join(", ")}. Send the messages in an order that the model knows.`;
    case "chat_template_endless":
      return "The model's chat template did not come to an end within its time and memory. Correct it, or use another model.";
    case "schema_refused":
      return `The JSON Schema cannot be used. ${fault.faults.join(" ")}`;
    case "context_length_exceeded":
      return `The prompt has ${fault.isExact ? "" : "at least "}${fault.promptTokens} tokens, but the context holds ${fault.contextTokens}, the answer included. Shorten the prompt.`;
    case "queue_full":
      return `All slots are busy and ${fault.queueLimit} requests wait already. Try again in ${fault.retryAfterSeconds} s.`;
    case "generation_failed":
      return "llama.cpp failed while it evaluated this request. Its cached prefix was dropped; the request can be sent again.";
    case "engine_closed":
      return "The engine is shutting down and takes no more work.";
    default:
      return fault satisfies never;
  }
}
