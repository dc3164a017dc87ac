import { setTimeout as delay } from "node:timers/promises";
import { findString, type Span } from "#contract";
import { type Receiver, startReceiver } from "../../stack/trace-store/receiver/index.ts";
import { patienceMs } from "./patience.ts";

/**
 * How the receiver treats what it gets: it keeps the spans, answers gRPC's 14 (HTTP's 503), or does
 * not answer at all.
 */
export type Behaviour = "accept" | "unavailable" | "hang";

const host = "127.0.0.1";

/** The OTLP receiver of all tests: the embedded one, with its spans in memory. */
export class OtlpReceiver {
  readonly #spans: Span[] = [];
  readonly #exports: number[] = [];
  #receiver: Receiver | undefined;
  #ports = { grpcPort: 0, httpPort: 0 };
  #behaviour: Behaviour = "accept";
  readonly #hanging = new Set<() => void>();

  /** Starts a receiver on ports that are free. */
  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    await receiver.restart();
    return receiver;
  }

  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  get grpcEndpoint(): string {
    return `http://${host}:${this.#ports.grpcPort}`;
  }

  get grpcPort(): number {
    return this.#ports.grpcPort;
  }

  get httpEndpoint(): string {
    return `http://${host}:${this.#ports.httpPort}`;
  }

  /** All spans that were acknowledged, in order of arrival. */
  get spans(): readonly Span[] {
    return this.#spans;
  }

  /** How many spans each acknowledged export held. */
  get exports(): readonly number[] {
    return this.#exports;
  }

  /** The spans that have an attribute with this text, or belong to the trace of one that has. */
  tracesWith(key: string, text: string): Span[] {
    const traceIds = new Set(
      this.#spans
        .filter((span) => findString(span.attributes, key) === text)
        .map((span) => span.traceId),
    );
    return this.#spans.filter((span) => traceIds.has(span.traceId));
  }

  findSpans(traceId: string): Span[] {
    return this.#spans.filter((span) => span.traceId === traceId);
  }

  /** What becomes of the exports that come from now on. Those that hang end without their spans. */
  behave(behaviour: Behaviour): void {
    this.#behaviour = behaviour;
    for (const letGo of this.#hanging) {
      letGo();
    }
    this.#hanging.clear();
  }

  /** Stops listening and ends all connections. The spans stay. */
  async stop(): Promise<void> {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    this.behave(this.#behaviour);
    await receiver?.close();
  }

  /** Listens again, on the same ports. */
  async restart(): Promise<void> {
    this.#receiver = await startReceiver({
      hosts: [host],
      ...this.#ports,
      accept: (spans) => this.#accept(spans),
    });
    const { grpcPort, httpPort } = this.#receiver;
    this.#ports = { grpcPort, httpPort };
  }

  /**
   * Waits until the spans are as they should be.
   * @throws Error saying what was waited for and how many spans there are, after the limit.
   */
  async waitFor(
    what: string,
    isThere: (spans: readonly Span[]) => boolean,
    limitMs = patienceMs,
  ): Promise<readonly Span[]> {
    const giveUpAt = performance.now() + limitMs;
    while (!isThere(this.#spans)) {
      if (performance.now() > giveUpAt) {
        throw new Error(
          `Waited ${limitMs} ms for ${what}, and there are ${this.#spans.length} spans.`,
        );
      }
      await delay(5);
    }
    return this.#spans;
  }

  async #accept(spans: readonly Span[]): Promise<void> {
    const behaviour = this.#behaviour;
    if (behaviour === "hang") {
      await new Promise<void>((resolve) => this.#hanging.add(resolve));
    }
    if (behaviour !== "accept") {
      throw new Error("The receiver was told not to accept.");
    }
    this.#spans.push(...spans);
    this.#exports.push(spans.length);
  }
}
