import { DefinitionError } from "#contract";
import { miniserve } from "#miniserve";
import { differences, formatDifference, generateAll } from "./compare.ts";
import { generators } from "./generators.ts";

/** A sentence for each generated file that is not the contract's, or why none can be generated. */
export function checkGenerated(root: string): string[] {
  try {
    return differences(root, generateAll(generators, miniserve)).map(formatDifference);
  } catch (error) {
    if (!(error instanceof DefinitionError)) {
      throw error;
    }
    return [...error.issues];
  }
}
