import { defineErrors } from "#errors";

/** Why an export was not taken. The sentences go to the sender, so nothing that was sent is in them. */
export class ReceiverError extends defineErrors("ReceiverError", {
  malformed: {
    status: 400,
    message: ({ fault }: { fault: string }) => fault,
    hint: "Correct what sends it: its exporter must speak OTLP.",
  },
  too_large: {
    status: 413,
    message: ({ most }: { most: string }) => `The export is larger than ${most}.`,
    hint: "Send its spans in smaller batches.",
  },
  overloaded: {
    status: 429,
    message: "Too many exports are being written.",
    hint: "Send this one again after a moment.",
  },
  unavailable: {
    status: 503,
    message: "The receiver failed, or the spans could not be stored.",
    hint: "Keep them and send them again.",
  },
}) {
  static from(error: unknown): ReceiverError {
    return error instanceof ReceiverError ? error : new ReceiverError("unavailable");
  }

  /** The statuses of gRPC and HTTP, when the sender may try again, where it may, and what it is told. */
  toAnswer() {
    return { ...answers[this.code], message: `${this.message} ${this.hint}` };
  }
}

export type ReceiverErrorCode = keyof typeof ReceiverError.table;

interface Answer {
  readonly grpc: number;
  readonly http: number;
  readonly retryAfterSeconds?: number;
}

const { malformed, too_large, overloaded, unavailable } = ReceiverError.table;
const answers: Readonly<Record<ReceiverErrorCode, Answer>> = {
  malformed: { grpc: 3, http: malformed.status },
  too_large: { grpc: 8, http: too_large.status },
  overloaded: { grpc: 8, http: overloaded.status, retryAfterSeconds: 1 },
  unavailable: { grpc: 14, http: unavailable.status, retryAfterSeconds: 1 },
};

export function tooLarge(maxBytes: number): ReceiverError {
  return new ReceiverError("too_large", { most: `${maxBytes} bytes` });
}
