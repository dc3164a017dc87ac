import { defineErrors, varied } from "#errors";

interface SetAside {
  readonly file: string;
  readonly reason: string;
  /** Where the file is now, once it has made room for a new one. */
  readonly aside?: string;
}

/** What can never be opened is kept, for whoever wants it back. */
const keptHint = ({ aside }: SetAside) =>
  aside === undefined ? "" : `It is kept as ${aside}. Start again to begin with an empty store.`;

/** What a user of the store can meet. */
export class StoreError extends defineErrors("StoreError", {
  store_in_use: {
    message: ({ file, by }: { file: string; by: string }) => `${file} is open in ${by}.`,
    hint: "Stop that, or use another directory.",
  },
  store_not_accessible: {
    message: ({ path, reason }: { path: string; reason: string }) =>
      `${path} cannot be opened: ${reason}.`,
    hint: "Look at the rights of the directory and the free space of its disk.",
  },
  store_damaged: {
    message: ({ file, reason }: SetAside) => `${file} is damaged or no database: ${reason}.`,
    hint: keptHint,
  },
  store_foreign: {
    message: ({ file, reason }: SetAside) => `${file} is a database of something else: ${reason}.`,
    hint: keptHint,
  },
  store_too_new: {
    message: ({ file, reason }: { file: string; reason: string }) => `${file} ${reason}.`,
    hint: "It was left as it is. Use the newer version of this program, or another directory.",
  },
  store_failed: {
    exit: 1,
    ...varied(
      "The database gave up while it ran. Its message is shown.",
      "Look at the free space of the disk; if that is not it, restart the store.",
    ),
  },
  store_disk_full: {
    ...varied(
      "The disk has no room for what the store has to do now.",
      "Make room; nothing is lost meanwhile.",
    ),
  },
  store_halted: {
    exit: 1,
    message: "The database has stopped itself, so this process ends.",
    hint: "Started again it has all that it acknowledged. Look at the free space of the disk.",
  },
  store_closed: { message: "The store is being closed.", hint: "Start it again." },
}) {}

/** Whether an error of the database says that its file cannot be what was once written. */
export function isDamage(error: unknown): boolean {
  const message = error instanceof Error ? error.message : String(error);
  return /not a valid DuckDB|corrupt|replaying WAL|not read enough bytes|serializ/i.test(message);
}

/** Whether an error of the database, or of the system, says that there is no room. */
export function isDiskFullError(error: unknown): boolean {
  return error instanceof Error && /no space left|disk is full|disk quota/i.test(error.message);
}

/** What a database that gives up while it runs has to say, and what can be done. */
export function explainFailure(what: string, cause: unknown): StoreError {
  const isFull = isDiskFullError(cause);
  return new StoreError(isFull ? "store_disk_full" : "store_failed", {
    message: `${what}: ${cause instanceof Error ? cause.message : String(cause)}.`,
    hint: isFull
      ? "The disk is full: make room, and it goes on by itself."
      : isDamage(cause)
        ? "The store's file is damaged: stop the store, put its folder aside, and start it again."
        : "Look at the free space of the disk; if that is not it, restart the store.",
    cause,
  });
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
