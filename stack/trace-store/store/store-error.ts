export type StoreErrorCode =
  /** Another process, or this one, has the store open. */
  | "store_in_use"
  /** The file cannot be opened, for a reason that lies outside of it: rights, a missing folder. */
  | "store_not_accessible"
  /** The file is damaged; it was set aside. */
  | "store_damaged"
  /** The file is a database of something else; it was set aside. */
  | "store_foreign"
  /** The file was written by a newer version; it was left as it is. */
  | "store_too_new"
  /** The database gave up while it ran, for instance because the disk is full. */
  | "store_failed"
  /** The disk has no room for what the store has to do now. */
  | "store_disk_full"
  /** The database has stopped itself and answers nothing any more until it is opened again. */
  | "store_halted"
  /** The store is being closed. */
  | "store_closed";

/** What a user of the store can meet. The message says what was seen and what to do. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** Whether an error of the database says that its file cannot be what was once written. */
export function isDamage(error: unknown): boolean {
  const message = error instanceof Error ? error.message : String(error);
  return /not a valid DuckDB|corrupt|replaying WAL|not read enough bytes|serializ/i.test(message);
}

/** Whether an error of the database, or of the system, says that there is no room. */
export function saysDiskFull(error: unknown): boolean {
  return error instanceof Error && /no space left|disk is full|disk quota/i.test(error.message);
}

/** What a database that gives up while it runs has to say, and what can be done. */
export function failureText(what: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const action = saysDiskFull(error)
    ? "The disk is full: make room, and it goes on by itself"
    : isDamage(error)
      ? "The store's file is damaged: stop the store, put its folder aside, and start it again"
      : "Look at the free space of the disk; if that is not it, restart the store";
  return `${what}: ${message}. ${action}.`;
}

/** Whether a query needed more than the database may use; other queries go on as if nothing were. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && /^Out of Memory Error/i.test(error.message);
}

/** Whether the database has given up: it says so in each error from then on. */
export function isHalted(error: unknown): boolean {
  const causes = error instanceof Error ? [error, error.cause] : [];
  return causes.some(
    (cause) =>
      cause instanceof Error &&
      /^FATAL Error|database has been invalidated because of a previous fatal/i.test(cause.message),
  );
}
