import { type Attribute, type Contract, DefinitionError } from "#contract";
import { unlisted } from "./allowed-spans.ts";
import { goPattern } from "./go-pattern.ts";

/**
 * What keeps the Collector from allowing exactly what the contract declares.
 * @throws DefinitionError naming everything.
 */
export function throwIfNotAllowable(contracts: readonly Contract[]): void {
  DefinitionError.throwIfAny("Collector's allow-list", [...new Set(contracts.flatMap(listFaults))]);
}

function listFaults(contract: Contract): string[] {
  const lines = Object.values(contract.logEvents);
  const attributes = [
    ...Object.values(contract.resource.attributes),
    ...(contract.resource.instance === undefined ? [] : [contract.resource.instance]),
    ...Object.values(contract.attributes),
    ...lines.flatMap(({ fields }) => Object.values(fields)),
  ];
  const named = [...Object.values(contract.spans), ...lines];
  return [
    ...attributes.flatMap(formFaults),
    ...named
      .filter(({ name }) => name === unlisted)
      .map(({ identifier }) => `${identifier}: ${unlisted} is what unknown names become`),
  ];
}

function formFaults({ key, pattern }: Attribute): string[] {
  const result = pattern && goPattern(pattern);
  return result !== undefined && "fault" in result ? [`${key}: its pattern ${result.fault}`] : [];
}
