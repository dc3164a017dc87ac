export type { Engine } from "./engine.ts";
export { EngineError } from "./engine-error.ts";
export { loadEngine } from "./load-engine.ts";
export type { PrefillResult, Slot } from "./slot.ts";
export { TextStream } from "./text-stream.ts";
