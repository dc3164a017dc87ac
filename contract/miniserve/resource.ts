import { defineAttributes, defineResource, string } from "../define/index.ts";

/** Who sends the spans. */
export const resource = defineResource({
  attributes: defineAttributes({
    serviceName: string("service.name", {
      brief: "The service. Queries and dashboards ask for it.",
      pattern: /[A-Za-z0-9][A-Za-z0-9._-]{0,63}/,
      examples: ["miniserve"],
      semconv: "service.name",
    }),
    serviceVersion: string("service.version", {
      brief: "The commit that the service was built from, or that there was no git to ask.",
      examples: ["9f2c1e0", "unknown-without-git"],
      semconv: "service.version",
    }),
    deploymentEnvironment: string("deployment.environment", {
      brief: "Where the service runs.",
      examples: ["dev", "production"],
      semconv: "deployment.environment.name",
    }),
  }),
  serviceName: "serviceName",
  instance: string("service.instance.id", {
    brief: "Which process of the service: another after each start. On metrics only.",
    pattern: /[A-Za-z0-9][A-Za-z0-9._-]{0,127}/,
    examples: ["6b1f0c1e-8a4e-4d0e-9a51-6f0f3c2b7a10"],
    semconv: "service.instance.id",
  }),
  defaults: { serviceName: "miniserve", deploymentEnvironment: "dev" },
});
