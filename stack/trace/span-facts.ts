import type { Contract, miniserve, Span } from "#contract";
import { findValue, rootOf } from "#contract";
import { attributeText } from "./attribute-text.ts";

type Identifier = keyof typeof miniserve.attributes;

/** What a person looks for first, in this order. */
const important: readonly string[] = [
  "outcome",
  "errorType",
  "statusCode",
  "stopReason",
  "timeToFirstTokenUs",
  "slotWaitUs",
] satisfies Identifier[];

/** A wait as short as this is just the way to a free slot. */
const trivialWaitUs = 1_000;

/** What is worth a glance: the important first, then what the stage found out. */
export function factsOf(contract: Contract, span: Span): string[] {
  const definition = Object.values(contract.spans).find(({ name }) => name === span.name);
  const identifiers = [
    ...important,
    ...(definition?.onSuccess ?? []),
    ...(definition?.atEnd ?? []),
  ];
  return [...new Set(identifiers)].flatMap((identifier) => {
    const key = definition?.attributes[identifier]?.key;
    const attribute = span.attributes.find((candidate) => candidate.key === key);
    const isTrivial = identifier === slotWait && slotWaitOf(contract, span) === 0;
    return attribute === undefined || isTrivial ? [] : [attributeText(attribute)];
  });
}

const slotWait: Identifier = "slotWaitUs";

/** How many microseconds a request's root says that it waited for a slot; 0 where it hardly did. */
export function slotWaitOf(contract: Contract, root: Span): number {
  const key = rootOf(contract).attributes[slotWait]?.key ?? "";
  const value = findValue(root.attributes, key);
  const waitedUs = value?.type === "int" ? Number(value.value) : 0;
  return waitedUs > trivialWaitUs ? waitedUs : 0;
}
