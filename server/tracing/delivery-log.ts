import { status } from "@grpc/grpc-js";
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import type { Log } from "../logging/index.ts";
import type { TracingContract } from "./tracing-contract.ts";

/** What speaks of the delivery of spans, in as few lines as possible: one when an outage begins, one when it ends. */
export class DeliveryLog {
  readonly #log: Log;
  readonly #events: TracingContract["logEvents"];
  #outage: { readonly beganAtMs: number; spansDropped: number } | undefined;
  #hasToldOfLoss = false;

  constructor(contract: TracingContract, log: Log) {
    this.#events = contract.logEvents;
    // Spans are sent for many requests: the lines about it belong to none of them.
    this.#log = (event, fields) => context.with(ROOT_CONTEXT, () => log(event, fields));
  }

  failed(failure: DeliveryFailure, spansWaiting: number): void {
    if (this.#outage === undefined) {
      this.#outage = { beganAtMs: performance.now(), spansDropped: 0 };
      const { reason, action } = failure;
      this.#log(this.#events.exportOutageBegan, { reason, action, spansWaiting });
    }
  }

  succeeded(): void {
    if (this.#outage !== undefined) {
      const { beganAtMs, spansDropped } = this.#outage;
      const durationMs = Math.round(performance.now() - beganAtMs);
      this.#log(this.#events.exportOutageEnded, { durationMs, spansDropped });
      this.#outage = undefined;
    }
  }

  /** Spans were given up. The end of the outage tells how many; outside of one the first loss is told. */
  dropped(spans: number): void {
    if (this.#outage !== undefined) {
      this.#outage.spansDropped += spans;
    } else if (!this.#hasToldOfLoss) {
      this.#hasToldOfLoss = true;
      const reason = "Spans come faster than they can be sent. The total is told at shutdown.";
      this.#log(this.#events.spansLost, { spansDropped: spans, reason });
    }
  }

  stopped(spansDropped: number): void {
    if (spansDropped > 0) {
      const reason = "In all, since the server started: no collector accepted them.";
      this.#log(this.#events.spansLost, { spansDropped, reason });
    }
  }
}

/** Why spans were not accepted. Of the collector's answer only the number is repeated. */
export interface DeliveryFailure {
  readonly isRetryable: boolean;
  readonly reason: string;
  readonly action: string;
}

/** As OTLP asks: what may pass is tried again, anything else never will be accepted. */
const retryableCodes: ReadonlySet<number> = new Set([
  status.CANCELLED,
  status.DEADLINE_EXCEEDED,
  status.RESOURCE_EXHAUSTED,
  status.ABORTED,
  status.OUT_OF_RANGE,
  status.UNAVAILABLE,
  status.DATA_LOSS,
]);

export function toDeliveryFailure(error: unknown): DeliveryFailure {
  const code = error instanceof Error && "code" in error ? Number(error.code) : Number.NaN;
  const isRetryable = retryableCodes.has(code);
  return {
    isRetryable,
    reason: code in status ? `${code} ${status[code]}` : "The spans could not be sent.",
    action: isRetryable
      ? "Start the collector, or set OTEL_EXPORTER_OTLP_ENDPOINT to its address."
      : "The collector refuses the spans: check that it takes OTLP over gRPC, and what it asks of clients.",
  };
}
