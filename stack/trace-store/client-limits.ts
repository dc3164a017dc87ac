/** What a client may keep of a listener, and for how long: the same as at the server. */
export interface ClientLimits {
  /** Connections of one listener. Who comes on top takes the place of one without work. */
  readonly connections: number;
  /** Until the headers of a request are there, from the connection's start on. */
  readonly headersMs: number;
  /** Until a request is there whole. */
  readonly requestMs: number;
  /** Between two requests. */
  readonly keepAliveMs: number;
  /** Without reading anything, while there is more to send. */
  readonly readingMs: number;
}

export const clientLimits: ClientLimits = {
  connections: 256,
  headersMs: 10_000,
  requestMs: 30_000,
  keepAliveMs: 5_000,
  readingMs: 30_000,
};
