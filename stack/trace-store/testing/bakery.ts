import {
  defineAttributes,
  defineContract,
  defineResource,
  defineSpanTree,
  span,
  string,
} from "#contract";

/** A contract of another service, with the attributes that a test wants. */
export function bakery<Attributes extends Parameters<typeof defineAttributes>[0]>(
  declared: Attributes,
) {
  const attributes = defineAttributes(declared);
  return defineContract({
    tracerName: "bakery",
    resource: defineResource({
      attributes: defineAttributes({
        serviceName: string("service.name", { brief: "The service.", examples: ["bakery"] }),
      }),
      serviceName: "serviceName",
      defaults: { serviceName: "bakery" },
    }),
    attributes,
    spans: defineSpanTree(attributes, {
      bake: span("bake", { brief: "Bakes.", parent: null }),
    }),
    logEvents: {},
    invariants: [],
  });
}
