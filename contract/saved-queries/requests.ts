import { attributes } from "../attributes.ts";
import type { MiniserveQueries } from "./terms.ts";

/** Single requests, and how they ended where there is more to say than of any contract. */
export const requestQueries: MiniserveQueries = (save) => [
  save("one-request", {
    title: "One request",
    question: "What happened to the request with this id?",
    action: "Open its trace; npm run logs has its lines under the same trace id.",
    severity: "info",
    tags: ["requests"],
    parameters: {
      request: {
        meaning: "The id of the answer, as the client got it.",
        default: attributes.requestId.examples[0] ?? "",
        isRequired: true,
      },
    },
    ask: (query, values) => {
      const found = query.spans("handler", (a) => a.requestId.eq(values.request));
      return {
        found,
        table: found.select("requestId", "outcome", "statusCode", "errorType", "route", "model"),
      };
    },
  }),
  save("aborted-requests", {
    title: "Aborted by the client",
    question: "Which clients left before their answer was complete?",
    action:
      "Compare with the first token and the wait for a slot: clients that leave early have waited too long, or have a shorter limit of their own.",
    severity: "info",
    tags: ["outcomes"],
    ask: (query) => {
      const found = query.spans("handler", (a) => a.outcome.eq("aborted"));
      return {
        found,
        table: found.select("timeToFirstTokenUs", "slotWaitUs", "statusCode", "streamed", "route"),
        count: found.countOverTime(),
      };
    },
  }),
];
