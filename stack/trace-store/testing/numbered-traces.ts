import type { KeyValue, Span } from "#contract";
import { encodeProtobuf } from "./encode-protobuf.ts";
import { sampleSpan } from "./sample-span.ts";
import { grpcExporter } from "./send.ts";

/** Traces that are told from their number, so that a test knows what was sent without keeping it. */

export const spansPerTrace = 50;
/** A large trace fills the store's log in few exports, so that checkpoints come. */
const largeEvery = 2;
const largeAttributes = 30;
const largeValueLength = 1_500;

function isLarge(number: number): boolean {
  return number % largeEvery === 0;
}

export function formatTraceId(number: number): string {
  return (number + 1).toString(16).padStart(32, "0");
}

export function createTrace(number: number): Span[] {
  return Array.from({ length: spansPerTrace }, (_, position) =>
    sampleSpan({
      traceId: formatTraceId(number),
      spanId: (position + 1).toString(16).padStart(16, "0"),
      startTimeUnixNano: sampleSpan().startTimeUnixNano + BigInt(position),
      attributes: [
        { key: "llm.tokens.out", value: { type: "int", value: BigInt(number) } },
        { key: "of.somebody.else", value: { type: "string", value: `${number}:${position}` } },
        ...(isLarge(number) ? filling(number * spansPerTrace + position) : []),
      ],
    }),
  );
}

/** Texts that do not repeat, for a log that is written as it comes. */
function filling(seed: number): KeyValue[] {
  return Array.from({ length: largeAttributes }, (_, index) => ({
    key: `filling.${index}`,
    value: {
      type: "string",
      value: `${seed}.${index} `.repeat(largeValueLength / 10).slice(0, largeValueLength),
    },
  }));
}

export interface Exported {
  readonly acknowledged: readonly number[];
  /** All numbers below were sent. */
  readonly sent: number;
}

/** Exports without a pause until the receiver is gone. */
export async function exportUntilGone(
  port: number,
  first: number,
  inFlight: number,
  onAcknowledged: () => void,
): Promise<Exported> {
  const exporter = grpcExporter(port);
  const acknowledged: number[] = [];
  let next = first;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      for (;;) {
        const number = next;
        next += 1;
        try {
          await exporter.export(encodeProtobuf(createTrace(number)));
        } catch {
          return;
        }
        acknowledged.push(number);
        onAcknowledged();
      }
    }),
  );
  exporter.close();
  return { acknowledged, sent: next };
}
