/**
 * Why the dependencies must be installed, or "".
 * @public Imported as installed.mjs, which knip follows and TypeScript does not read.
 */
export function whyInstall(root: string): string;
