import { defineErrors } from "#errors";

/** Why the store does not answer a request for traces. */
export class ReadError extends defineErrors("ReadError", {
  query_invalid: {
    status: 400,
    message: ({ fault }: { fault: string }) => `invalid TraceQL query: ${fault}`,
    hint: "docs/traceql.md lists what the store answers.",
  },
  parameters_invalid: {
    status: 400,
    message: ({ faults }: { faults: string }) => faults,
    hint: "Correct each parameter that is named.",
  },
  too_many_queries: {
    status: 429,
    message: ({ waiting }: { waiting: number }) => `${waiting} queries wait already.`,
    hint: "Ask again after a moment.",
  },
  query_timeout: {
    status: 504,
    message: ({ seconds }: { seconds: number }) =>
      `The query took longer than ${seconds} s and was ended.`,
    hint: "Ask for less.",
  },
  memory_exceeded: {
    status: 422,
    message: "This needs, with what else runs, more memory than the store may use.",
    hint: "Ask again, or for less: a shorter range, fewer lists that are compared, groups by what has fewer values.",
  },
  read_failed: {
    status: 503,
    message: "The store could not answer the query.",
    hint: "Its log says why.",
  },
}) {
  declare readonly status: number;

  /** A query's and a parameter's faults are answered as Tempo does, in their own words. */
  toText(): string {
    return this.status === 400 ? this.message : `${this.message} ${this.hint}`;
  }
}
