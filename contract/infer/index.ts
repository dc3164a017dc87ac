export { type InferredContract, inferContract } from "./infer-contract.ts";
export type { SeenTrace } from "./observe.ts";
export { type Proposal, proposeChanges } from "./propose.ts";
export { writeContract } from "./to-source.ts";
