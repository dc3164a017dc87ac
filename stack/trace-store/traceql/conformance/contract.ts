import {
  boolean,
  defineAttributes,
  defineContract,
  defineResource,
  defineSpanTree,
  double,
  int,
  span,
  string,
} from "#contract";

const attributes = defineAttributes({
  tokensOut: int("tokens.out", { brief: "Always an integer.", min: 0, examples: [0] }),
  stepMs: double("step.mean_ms", {
    brief: "Sent whole at times.",
    min: 0,
    max: 1e6,
    examples: [9],
  }),
  mix: int("mix", { brief: "Also sent as other types.", min: 0, examples: [5] }),
  isDone: boolean("b", { brief: "A flag." }),
  text: string("s", { brief: "A text.", pattern: /[a-zïü.]*/, examples: ["a"] }),
});

/**
 * A contract for the conformance table: queries ask for attributes with a column of each type, and
 * for others without one, whatever the project's own contract calls its attributes.
 */
export const conformanceContract = defineContract({
  tracerName: "conformance",
  resource: defineResource({
    attributes: defineAttributes({
      service: string("service.name", { brief: "The service.", examples: ["conformance"] }),
    }),
    serviceName: "service",
    defaults: { service: "conformance" },
  }),
  attributes,
  spans: defineSpanTree(attributes, {
    root: span("root", {
      brief: "Any span.",
      parent: null,
      kind: "server",
      optional: ["tokensOut", "stepMs", "mix", "isDone", "text"],
    }),
  }),
  logEvents: {},
  invariants: [],
});
