import type { Services } from "./services.ts";

/** A file that is made from contracts, as it is committed. */
export interface GeneratedFile {
  /** Relative to the folder of the configuration, with forward slashes, in a folder that is called `generated`. */
  readonly path: string;
  readonly content: string;
}

/**
 * What a folder exports to have files generated: the same files for the same services, whenever and
 * wherever it is called. Only `scripts/generate.ts` writes and compares them. A file about one service
 * has its id in its path.
 * @throws DefinitionError naming every fault, when no working file can be made of the contracts.
 */
export type GenerateFiles = (
  services: Services,
) => readonly GeneratedFile[] | Promise<readonly GeneratedFile[]>;
