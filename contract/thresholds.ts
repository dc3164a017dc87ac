import { threshold } from "./queries/index.ts";

/** What the saved queries compare with, unless it is set otherwise: the one place for it. */
export const thresholds = {
  emptyTokens: threshold(0, {
    meaning: "How many generated tokens count as none.",
    unit: "{token}",
  }),
  largeInput: threshold(1000, { meaning: "From where on an input is large.", unit: "{token}" }),
  cacheableInput: threshold(500, {
    meaning: "From where on an input should have been in the cache in part.",
    unit: "{token}",
  }),
  runawayTokens: threshold(1000, {
    meaning: "How many tokens no answer should need.",
    unit: "{token}",
  }),
  firstToken: threshold(2000, {
    meaning: "How long a client may wait for the first token.",
    unit: "ms",
  }),
  slotWait: threshold(1000, { meaning: "How long a request may wait for a slot.", unit: "ms" }),
  decodeStep: threshold(100, {
    meaning: "How long a decode step may take on average.",
    unit: "ms",
  }),
  prefillShare: threshold(50, {
    meaning: "How much of the time of a whole trace the prefill may take.",
    unit: "%",
  }),
  prefillAtLeast: threshold(500, { meaning: "Shorter prefills do not matter.", unit: "ms" }),
  retrieval: threshold(1000, { meaning: "How long retrieval may take.", unit: "ms" }),
} as const;
