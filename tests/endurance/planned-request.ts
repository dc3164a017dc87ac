import fc from "fast-check";
import { logEvents } from "#miniserve";
import { rawPost } from "../support/raw-http.ts";
import { good, type PlannedContent, type Route, refused, routes } from "./planned-content.ts";
import { type Fault, faults, type PlannedFault } from "./planned-faults.ts";

/** What a client does after it has sent its request. */
export type Conduct =
  | { readonly kind: "read" }
  /** Leaves after so many milliseconds. */
  | { readonly kind: "leave"; readonly afterMs: number }
  /** Leaves when its request has come so far in its record. */
  | { readonly kind: "leave at"; readonly event: string }
  /** Leaves while its request is held up by its fault. */
  | { readonly kind: "leave in fault" }
  /** Leaves when so many bytes have come back. */
  | { readonly kind: "leave after bytes"; readonly bytes: number }
  /** Sends a part of the body and leaves. */
  | { readonly kind: "half"; readonly share: number; readonly afterMs: number }
  /** Sends the body in two parts, with a pause between them. */
  | { readonly kind: "slow"; readonly share: number; readonly afterMs: number }
  /** Sends a part of the body, and waits for an answer. */
  | { readonly kind: "stall"; readonly share: number };

export interface PlannedRequest {
  readonly route: Route;
  readonly content: PlannedContent;
  readonly fault: PlannedFault;
  readonly conduct: Conduct;
  /** Whether it leaves with a reset of the connection. */
  readonly resets: boolean;
  /** Whether the client says which trace it is in; otherwise the answer says it. */
  readonly parent: "valid" | "invalid" | "none";
  /** Whether a second request of the same kind follows on the connection at once. */
  readonly pipelined: boolean;
}

const share = fc.double({ min: 0.05, max: 0.95, noNaN: true });
const pauseMs = fc.nat(60);
const stages = [
  logEvents.requestReceived,
  logEvents.inputTokenized,
  logEvents.passagesRetrieved,
  logEvents.slotAcquired,
  logEvents.inputPrefilled,
  logEvents.outputDecoded,
].map(({ name }) => name);

const conduct: fc.Arbitrary<Conduct> = fc.oneof(
  { arbitrary: fc.record({ kind: fc.constant("read") }), weight: 12 },
  { arbitrary: fc.record({ kind: fc.constant("leave"), afterMs: pauseMs }), weight: 3 },
  {
    arbitrary: fc.record({ kind: fc.constant("leave at"), event: fc.constantFrom(...stages) }),
    weight: 6,
  },
  { arbitrary: fc.record({ kind: fc.constant("leave in fault") }), weight: 1 },
  {
    arbitrary: fc.record({ kind: fc.constant("leave after bytes"), bytes: fc.nat(4_000) }),
    weight: 2,
  },
  { arbitrary: fc.record({ kind: fc.constant("half"), share, afterMs: pauseMs }), weight: 2 },
  { arbitrary: fc.record({ kind: fc.constant("slow"), share, afterMs: pauseMs }), weight: 1 },
  { arbitrary: fc.record({ kind: fc.constant("stall"), share }), weight: 1 },
) as fc.Arbitrary<Conduct>;

const fault: fc.Arbitrary<Fault> = fc.oneof(
  { arbitrary: fc.constant<Fault>("none"), weight: 3 },
  { arbitrary: fc.constantFrom(...faults), weight: 1 },
);

const route = fc.constantFrom(...routes);

/** Any request that a client could send, with what becomes of it. */
export const plannedRequest: fc.Arbitrary<PlannedRequest> = route.chain((chosen) =>
  fc.record<PlannedRequest>({
    route: fc.constant(chosen),
    content: fc.oneof(
      { arbitrary: good(chosen), weight: 4 },
      { arbitrary: refused(chosen), weight: 1 },
    ),
    fault: fc.record({ fault, afterSteps: fc.nat(4) }),
    conduct,
    resets: fc.boolean(),
    parent: fc.oneof(
      { arbitrary: fc.constant("valid" as const), weight: 8 },
      { arbitrary: fc.constantFrom("invalid" as const, "none" as const), weight: 1 },
    ),
    pipelined: fc.nat(11).map((one) => one === 0),
  }),
);

/** The request as it goes over the wire. */
export function encodeRequest(
  plan: PlannedRequest,
  headers: Readonly<Record<string, string>>,
): string {
  return rawPost(plan.route, plan.content.body, { ...headers, ...plan.content.headers });
}
