/** Why an export was not taken, in the words of both transports. */
const answers = {
  malformed: { grpc: 3, http: 400 },
  too_large: { grpc: 8, http: 413 },
  overloaded: { grpc: 8, http: 429, retryAfterSeconds: 1 },
  unavailable: { grpc: 14, http: 503, retryAfterSeconds: 1 },
} as const;

export type ReceiverErrorCode = keyof typeof answers;

/** The message goes to the sender, so it says what is wrong and nothing that was sent. */
export class ReceiverError extends Error {
  override readonly name = "ReceiverError";
  readonly code: ReceiverErrorCode;
  /** The statuses of gRPC and HTTP, and when the sender may try again, where it may. */
  readonly answer: { grpc: number; http: number; retryAfterSeconds?: number };

  constructor(code: ReceiverErrorCode, message: string) {
    super(message);
    this.code = code;
    this.answer = answers[code];
  }

  static from(error: unknown): ReceiverError {
    return error instanceof ReceiverError
      ? error
      : new ReceiverError("unavailable", "The receiver failed. Send the export again.");
  }
}

export function tooLarge(maxBytes: number): ReceiverError {
  return new ReceiverError(
    "too_large",
    `The export is larger than ${maxBytes} bytes. Send its spans in smaller batches.`,
  );
}
