import { threshold } from "../queries/index.ts";

/** What the saved queries compare with, unless it is set otherwise: the one place for it. */
export const thresholds = {
  emptyTokens: threshold(0, {
    brief: "How many generated tokens count as none.",
    unit: "{token}",
  }),
  largeInput: threshold(1000, { brief: "From where on an input is large.", unit: "{token}" }),
  cacheableInput: threshold(500, {
    brief: "From where on an input should have been in the cache in part.",
    unit: "{token}",
  }),
  runawayTokens: threshold(1000, {
    brief: "How many tokens no answer should need.",
    unit: "{token}",
  }),
  firstToken: threshold(2000, {
    brief: "How long a client may wait for the first token.",
    unit: "ms",
  }),
  slotWait: threshold(1000, { brief: "How long a request may wait for a slot.", unit: "ms" }),
  decodeStep: threshold(100, {
    brief: "How long a decode step may take on average.",
    unit: "ms",
  }),
  prefillShare: threshold(50, {
    brief: "How much of the time of a whole trace the prefill may take.",
    unit: "%",
  }),
  prefillAtLeast: threshold(500, { brief: "Shorter prefills do not matter.", unit: "ms" }),
  retrieval: threshold(1000, { brief: "How long retrieval may take.", unit: "ms" }),
} as const;
