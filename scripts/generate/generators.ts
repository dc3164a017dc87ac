import { contractDocuments, type GenerateFiles } from "#contract";

/** What generates files: a line for each folder that exports `generatedFiles`. */
export const generators: readonly GenerateFiles[] = [contractDocuments];
