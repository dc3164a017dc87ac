import type { Contract } from "./define/contract.ts";

/** A file that is made from a contract, as it is committed. */
export interface GeneratedFile {
  /** Relative to the checkout, with forward slashes, in a folder that is called `generated`. */
  readonly path: string;
  readonly content: string;
}

/**
 * What a folder exports to have files generated: the same files for the same contract, whenever and
 * wherever it is called. Only `scripts/generate.ts` writes and compares them.
 * @throws DefinitionError naming every fault, when no working file can be made of the contract.
 */
export type GenerateFiles = (contract: Contract) => readonly GeneratedFile[];
