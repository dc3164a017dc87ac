import { type Contract, type miniserve, rootOf, type Span } from "#contract";
import { slotWaitOf } from "./span-facts.ts";

const prefill: keyof typeof miniserve.spans = "prefill";

/**
 * The waits for a slot, each as if it were a span: no span covers them, and they are what a slow
 * request often spent its time on. A wait ends where the prefill begins.
 */
export function slotWaits(contract: Contract, spans: readonly Span[]): Span[] {
  const root = rootOf(contract);
  return spans
    .filter(({ name }) => name === root.name)
    .flatMap((request) => {
      const waited = BigInt(slotWaitOf(contract, request)) * 1000n;
      const next = spans.find(
        ({ name, parentSpanId }) =>
          name === contract.spans[prefill]?.name && parentSpanId === request.spanId,
      );
      const end = next?.startTimeUnixNano;
      return waited === 0n || end === undefined ? [] : [waitOf(request, end - waited, end)];
    });
}

function waitOf(request: Span, startTimeUnixNano: bigint, endTimeUnixNano: bigint): Span {
  return {
    ...request,
    spanId: `${request.spanId} waits`,
    parentSpanId: request.spanId,
    name: "waiting for a slot",
    startTimeUnixNano,
    endTimeUnixNano,
    attributes: [],
    status: { code: "unset", message: "" },
  };
}
