export type { ChatMessage } from "./chat-template.ts";
export type { Engine } from "./engine.ts";
export { EngineError } from "./engine-error.ts";
export { loadEngineOn } from "./load-engine.ts";
export { type NativeBackend, openNativeBackend } from "./native-backend.ts";
export type { OutputGrammar } from "./output-grammar.ts";
export { nameTokenizer, type PreparedPrompt, type PromptInput } from "./prompt-tokenizer.ts";
export type { PrefillResult, Slot, WrapStep } from "./slot.ts";
export { TextStream } from "./text-stream.ts";
