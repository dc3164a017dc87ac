import { type Attribute, type AttributeRecord, faultOfValue } from "./attribute.ts";
import { DefinitionError } from "./definition-error.ts";
import type { OnlyKeysOf } from "./span.ts";

/** The resource of every span of a service: who sent it. */
export interface ResourceDefinition<Attributes extends AttributeRecord = AttributeRecord> {
  readonly attributes: Attributes;
  /** The identifier of the attribute that says which service a span belongs to. */
  readonly serviceName: string;
  /**
   * What tells one process of the service from another. Metrics have it, because theirs would be taken
   * for one another; spans do not, because each has an id.
   */
  readonly instance?: Attribute<"string", string>;
  /** Values by identifier that hold unless the environment says otherwise. */
  readonly defaults: Readonly<Record<string, string>>;
}

/**
 * Declares the resource; every attribute of it is on every span's resource.
 * @throws DefinitionError when a default does not fit its attribute or the service has no name.
 */
export function defineResource<
  const Attributes extends AttributeRecord,
  const Defaults extends Readonly<Record<string, string>>,
>(
  resource: ResourceDefinition<Attributes> & {
    readonly serviceName: keyof Attributes;
    readonly defaults: Defaults & OnlyKeysOf<Attributes, Defaults>;
  },
): ResourceDefinition<Attributes> {
  const faults: string[] = [];
  for (const [identifier, value] of Object.entries(resource.defaults)) {
    const attribute = Object.hasOwn(resource.attributes, identifier)
      ? resource.attributes[identifier]
      : undefined;
    const fault = attribute ? faultOfValue(attribute, value) : "no attribute of the resource";
    if (fault !== undefined) {
      faults.push(`the default of ${identifier} is ${fault}`);
    }
  }
  if (resource.defaults[resource.serviceName] === undefined) {
    faults.push(`${resource.serviceName} needs a default: it is the name of the service`);
  }
  DefinitionError.throwIfAny("resource", faults);
  return resource;
}
