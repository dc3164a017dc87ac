import { defineAttributes, defineLogEvents, double, int, logEvent, oneOf, string } from "#contract";

const word = /[A-Za-z][A-Za-z0-9_.:-]{0,63}/;
const sentence = /[^\p{Cc}]{1,500}/u;

const fields = defineAttributes({
  number: int("bakery.number", { brief: "Which loaf.", min: 0, examples: [1] }),
  weightKg: double("bakery.weight_kg", { brief: "How heavy.", min: 0, examples: [0.75] }),
  flour: oneOf("bakery.flour", ["rye", "wheat"], { brief: "Of what." }),
  baker: string("bakery.baker", { brief: "By whom.", pattern: word, examples: ["Ada"] }),
  reason: string("reason", { brief: "Why.", pattern: sentence, examples: ["Too hot."] }),
  action: string("action", { brief: "What to do.", pattern: sentence, examples: ["Wait."] }),
  library: string("library", { brief: "Whose.", pattern: word, examples: ["fastify"] }),
  linesDropped: int("lines.dropped", { brief: "How many.", min: 0, examples: [1] }),
  exceptionType: string("exception.type", { brief: "Class.", pattern: word, examples: ["Error"] }),
  exceptionCode: string("exception.code", { brief: "Code.", pattern: word, examples: ["ENOSPC"] }),
  stackFrames: string("exception.frames", {
    brief: "Where.",
    pattern: /[^\p{Cc}]{0,2000}/u,
    examples: ["bake (bakery/oven.ts:1:1)"],
  }),
});

const anywhere = { brief: "For tests.", span: null } as const;

/** The log events of another service than miniserve, for the tests: logging takes any contract's. */
export const exampleEvents = defineLogEvents(fields, {
  loafBaked: logEvent("loaf.baked", {
    ...anywhere,
    level: "info",
    fields: ["number", "flour"],
    optionalFields: ["weightKg", "baker"],
  }),
  doughRested: logEvent("dough.rested", { ...anywhere, level: "debug", fields: ["number"] }),
  ovenHot: logEvent("oven.hot", { ...anywhere, level: "warn", fields: ["number"] }),
  loafBurnt: logEvent("loaf.burnt", { ...anywhere, level: "error", fields: ["number"] }),
  bakeryBurnt: logEvent("bakery.burnt", { ...anywhere, level: "fatal", fields: ["number"] }),

  libraryMessage: logEvent("library.message", {
    ...anywhere,
    level: "warn",
    fields: ["library"],
    optionalFields: ["exceptionType", "exceptionCode", "stackFrames"],
  }),
  logOutputFailed: logEvent("log.output_failed", {
    ...anywhere,
    level: "error",
    fields: ["reason", "action"],
  }),
  logOutputRecovered: logEvent("log.output_recovered", {
    ...anywhere,
    level: "warn",
    fields: ["reason", "linesDropped"],
  }),
  contractViolated: logEvent("contract.violated", {
    ...anywhere,
    level: "error",
    fields: ["reason"],
  }),
});
