import { type Attribute, type AttributeRecord, validateValue } from "./attribute.ts";
import { DefinitionError } from "./definition-error.ts";
import type { OnlyKeysOf } from "./span.ts";

/** The resource of all spans of a service: their sender. */
export interface ResourceDefinition<Attributes extends AttributeRecord = AttributeRecord> {
  readonly attributes: Attributes;
  /** The identifier of the attribute with the service's name. */
  readonly serviceName: string;
  /**
   * The attribute that distinguishes processes of the service. Only metrics have it, because they could be
   * confused; spans have ids.
   */
  readonly instance?: Attribute<"string", string>;
  /** Default values by identifier; the environment overrides them. */
  readonly defaults: Readonly<Record<string, string>>;
}

/**
 * Declares the resource. Every span's resource has all its attributes.
 * @throws DefinitionError if a default does not fit its attribute or the service has no name.
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
    const fault = attribute ? validateValue(attribute, value) : "no attribute of the resource";
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
