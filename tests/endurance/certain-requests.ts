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

/** Those of them that nothing ends but the end of their time. */
export const endedByTime = certainRequests.filter(
  ({ conduct, fault: { fault } }) => conduct.kind === "read" && fault.endsWith("hangs"),
);

/** All others, which end by themselves, and some that nothing goes wrong with. */
export const endedByThemselves: readonly PlannedRequest[] = [
  ...certainRequests.filter((plan) => !endedByTime.includes(plan)),
  ...[{}, { response_format: { type: "json_object" } }, { max_tokens: -1 }].map((options) => ({
    ...endless,
    content: {
      ...endless.content,
      body: { messages: [{ role: "user", content: "the story" }], max_tokens: 3, ...options },
      code: "max_tokens" in options ? ("invalid_parameter" as const) : undefined,
    },
    fault: { fault: "none" as const, afterSteps: 0 },
  })),
];

function leaving(plan: PlannedRequest, fault: Fault): PlannedRequest {
  return { ...plan, fault: { fault, afterSteps: 0 }, conduct: { kind: "leave in fault" } };
}
