import type { Span } from "#contract";
import { type Receiver, type ReceiverOptions, startReceiver } from "../receiver/index.ts";
import { type HttpAnswer, send } from "./send.ts";

export const maxMessageBytes = 200_000;

/** A receiver on free ports, small limits, and what it got. */
export interface ReceiverUnderTest extends Receiver {
  /** What was accepted since the last `reset`. */
  received: Span[];
  /** A test may put its own in place; `reset` takes it away. */
  accept: (spans: readonly Span[]) => Promise<void>;
  readonly reset: () => void;
  /** Posts an export in protobuf, unless the headers say something else. */
  readonly post: (body: Buffer | string, headers?: Record<string, string>) => Promise<HttpAnswer>;
}

export async function startReceiverUnderTest(
  options: Pick<ReceiverOptions, "nowMs"> = {},
): Promise<ReceiverUnderTest> {
  const collect = async (spans: readonly Span[]) => {
    underTest.received.push(...spans);
  };
  const receiver = await startReceiver({
    hosts: ["127.0.0.1", "::1"],
    grpcPort: 0,
    httpPort: 0,
    maxMessageBytes,
    maxBytesInFlight: 2 * maxMessageBytes,
    accept: (spans) => underTest.accept(spans),
    ...options,
  });
  const underTest: ReceiverUnderTest = {
    ...receiver,
    received: [],
    accept: collect,
    reset: () => {
      underTest.received = [];
      underTest.accept = collect;
    },
    post: (body, headers = {}) =>
      send({
        port: receiver.httpPort,
        path: "/v1/traces",
        method: "POST",
        headers: { "content-type": "application/x-protobuf", ...headers },
        body,
      }),
  };
  return underTest;
}
