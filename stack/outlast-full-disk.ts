/**
 * A process whose output goes to a file is not to end because that disk is full: what it says is lost,
 * what it does goes on.
 */
export function outlastFullDisk(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", () => undefined);
  }
}
