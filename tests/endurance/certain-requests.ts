import { indexNames } from "./planned-content.ts";
import { type Fault, faults } from "./planned-faults.ts";
import type { PlannedRequest } from "./planned-request.ts";

/** Goes on until its time is over. */
export const endless: PlannedRequest = {
  route: "/v1/chat/completions",
  content: {
    body: { messages: [{ role: "user", content: "the story" }], max_tokens: 20, stream: true },
    headers: {},
    code: undefined,
  },
  fault: { fault: "decode hangs", afterSteps: 3 },
  conduct: { kind: "read" },
  resets: false,
  parent: "valid",
  pipelined: false,
};

const retrieving: PlannedRequest = {
  ...endless,
  content: {
    body: {
      messages: [{ role: "user", content: "where is water" }],
      max_tokens: 3,
      retrieval: { index: indexNames.usable },
    },
    headers: {},
    code: undefined,
  },
};

/** One client that leaves in each stage, and one request that meets each fault: no matter of chance. */
export const certainRequests: readonly PlannedRequest[] = [
  { ...endless, conduct: { kind: "half", share: 0.5, afterMs: 50 } },
  ...(["the queue hangs", "prefill hangs", "decode hangs"] as const).map((fault) =>
    leaving(endless, fault),
  ),
  ...(["embedding hangs", "searching is slow", "ranking hangs"] as const).map((fault) =>
    leaving(retrieving, fault),
  ),
  ...faults.map((fault) => ({ ...retrieving, fault: { fault, afterSteps: 0 } })),
];

function leaving(plan: PlannedRequest, fault: Fault): PlannedRequest {
  return { ...plan, fault: { fault, afterSteps: 0 }, conduct: { kind: "leave in fault" } };
}
