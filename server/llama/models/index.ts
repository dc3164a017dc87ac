export { ModelError } from "./model-error.ts";
export { resolveModel } from "./resolve-model.ts";
export type { ResolvedModel } from "./resolved-model.ts";
export { terminalReport } from "./terminal-report.ts";
