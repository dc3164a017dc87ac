import type { AttributeSource, ContractSource } from "#contract";
import { type EntityFacts, sdkEntity } from "../registry/facts.ts";
import type { AttributeTerms } from "./attribute-sources.ts";
import type { Losses } from "./losses.ts";
import type { AttributeUse, Registry, RegistrySignal } from "./registry.ts";

const serviceKey = "service.name";
const instanceEntity = "service.instance";
const instanceKey = "service.instance.id";

interface ResourceOptions {
  readonly serviceName: string;
  /** Whether something tells one process from another: metrics need that. */
  readonly needsInstance: boolean;
  readonly terms: AttributeTerms;
  readonly losses: Losses;
}

/** What a registry of ours repeats of the contract as a whole. */
export function findEntityFacts({ signals }: Registry): EntityFacts | undefined {
  return serviceEntity(signals)?.facts as EntityFacts | undefined;
}

/** The service is the entity that has its name. */
function serviceEntity(signals: readonly RegistrySignal[]): RegistrySignal | undefined {
  return signals.find(
    ({ kind, uses }) => kind === "entity" && uses.some(({ key }) => key === serviceKey),
  );
}

/**
 * Who sends. A contract's resource always has all of its attributes, so those of the service that are
 * there sometimes are left out, and so are other entities.
 */
export function resourceSource(
  { signals }: Registry,
  { serviceName, needsInstance, terms, losses }: ResourceOptions,
): ContractSource["resource"] {
  const service = serviceEntity(signals);
  for (const { kind, name } of signals) {
    const expected = [service?.name, instanceEntity, sdkEntity];
    if (kind === "entity" && !expected.includes(name)) {
      losses.add("Entities are left out, for a contract's resource is the service", name);
    }
  }
  const always = (service?.uses ?? []).filter((use) => isAlwaysThere(use, losses));
  const keys = always.map(({ key }) => key).filter((key) => key !== instanceKey);
  const declared = terms.declare(keys);
  const attributes = Object.values(declared).some(({ key }) => key === serviceKey)
    ? declared
    : { serviceName: serviceAttribute(serviceName), ...declared };
  const identifiers = new Map(
    Object.entries(attributes).map(([identifier, { key }]) => [key, identifier]),
  );
  const facts = service?.facts as EntityFacts | undefined;
  const defaults = Object.entries({ ...facts?.defaults, [serviceKey]: serviceName });
  const ofInstance = [
    ...(signals.find(isInstance)?.uses ?? []),
    ...(service?.uses ?? []).filter(({ key }) => key === instanceKey),
  ];
  const hasInstance = needsInstance || ofInstance.length > 0;
  const [instance] = Object.values(terms.declare([ofInstance[0]?.key ?? instanceKey]));
  return {
    attributes,
    serviceName: identifiers.get(serviceKey) ?? "",
    ...(hasInstance ? { instance: instance ?? instanceAttribute } : {}),
    defaults: Object.fromEntries(
      defaults.map(([key, value]) => [identifiers.get(key) ?? key, value]),
    ),
  };
}

function isInstance({ kind, name }: RegistrySignal): boolean {
  return kind === "entity" && name === instanceEntity;
}

function isAlwaysThere({ key, level }: AttributeUse, losses: Losses): boolean {
  if (level !== "required") {
    losses.add("Attributes of the resource are left out, for they are not required", key);
  }
  return level === "required";
}

function serviceAttribute(name: string): AttributeSource {
  return { type: "string", key: serviceKey, brief: "The service.", examples: [name] };
}

const instanceAttribute: AttributeSource = {
  type: "string",
  key: instanceKey,
  brief: "Which process of the service.",
  examples: ["6b1f0c1e-8a4e-4d0e-9a51-6f0f3c2b7a10"],
};
