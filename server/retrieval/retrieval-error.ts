import { defineErrors, varied } from "#errors";

/**
 * Why a request or a command cannot use an index. Messages hold names, paths and numbers, never a
 * passage; the name that was asked for is not repeated.
 */
export class RetrievalError extends defineErrors("RetrievalError", {
  unknown_index: {
    status: 400,
    message: ({ known }: { known: string }) =>
      known === "" ? "There is no index yet." : `There is no such index. Known are: ${known}.`,
    hint: "npm run index -- NAME PATH… makes one.",
  },
  index_unreadable: {
    status: 500,
    message: ({ name }: { name: string }) => `The index ${name} cannot be read.`,
    hint: "Build it again: npm run index -- NAME PATH…",
  },
  index_building: {
    status: 503,
    message: ({ percent }: { retryAfterSeconds: number; percent: number }) =>
      `The index is being built: ${percent} % are done.`,
    hint: "Retry after the number of seconds in Retry-After.",
  },
  index_unusable: {
    status: 503,
    ...varied(
      "The index does not match the loaded embedding model, or cannot be read.",
      "Build it again: npm run index -- NAME PATH…",
    ),
  },
}) {}
