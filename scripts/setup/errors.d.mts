import type { ErrorTable } from "#errors";

/**
 * What can go wrong before the dependencies are there.
 * @public Imported as errors.mjs, which knip follows and TypeScript does not read.
 */
export const setupErrors: ErrorTable;
