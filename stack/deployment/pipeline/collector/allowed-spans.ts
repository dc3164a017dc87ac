import {
  type Attribute,
  type Contract,
  exceptionEvent,
  getServiceName,
  messageForm,
  type SpanDefinition,
} from "#contract";
import type { StatementGroup } from "./model.ts";
import { fits, keepDeclared, list, type OttlContext, text } from "./ottl.ts";

/** What a span, an event or a line is called whose name the contract does not have. */
export const unlisted = "unlisted";

/** A span with a link is dropped whole: no statement can reach into links, and the contract has none. */
export const droppedSpans = ["Len(span.links) > 0"];

/**
 * What is left of a span: what the contract declares, and nothing of anything else. Each group sees
 * what the ones before it left.
 */
export function spanStatements(contracts: readonly Contract[]): StatementGroup[] {
  return forEachService(contracts, spanGroups);
}

function spanGroups(contract: Contract): StatementGroup[] {
  const names = Object.values(contract.spans).map(({ name }) => name);
  return [
    ...sourceStatements(contract),
    {
      context: "span",
      statements: [
        `set(span.name, ${text(unlisted)}) where not ContainsValue(${list(names)}, span.name)`,
        `set(span.status.message, "") where not (${fits("span.status.message", messageForm)})`,
        'set(span.trace_state, "")',
      ],
    },
    ...groupsByAttributes(contract).map(({ names: same, definition }) => ({
      context: "span" as const,
      conditions: [isCalled(same)],
      statements: keepDeclared("span", Object.values(definition?.attributes ?? {})),
    })),
    { context: "spanevent", statements: eventStatements() },
  ];
}

/**
 * The groups of every contract, each for what its own service sent. Of a single service all groups are
 * for everything: whatever comes in is judged by its contract.
 */
export function forEachService(
  contracts: readonly Contract[],
  groups: (contract: Contract) => StatementGroup[],
): StatementGroup[] {
  return contracts.flatMap((contract) =>
    contracts.length === 1
      ? groups(contract)
      : groups(contract).map((group) => {
          const sender = `${serviceOf(contract)} == ${text(getServiceName(contract))}`;
          const conditions = group.conditions?.map((condition) => `${sender} and ${condition}`);
          return { ...group, conditions: conditions ?? [sender] };
        }),
  );
}

/** What is dropped because no contract is for its sender; nothing where there is one contract for all. */
export function droppedSenders(contracts: readonly Contract[]): string[] {
  return contracts.length === 1
    ? []
    : [
        contracts
          .map((contract) => `${serviceOf(contract)} != ${text(getServiceName(contract))}`)
          .join(" and "),
      ];
}

function serviceOf({ resource }: Contract): string {
  return `resource.attributes[${text(resource.attributes[resource.serviceName]?.key ?? "")}]`;
}

/** Who sent it: of spans, of metrics and of log lines. */
export function sourceStatements(
  contract: Contract,
  furtherAttributes: readonly Attribute[] = [],
): StatementGroup[] {
  return [
    {
      context: "resource",
      statements: [
        ...keepDeclared("resource", [
          ...Object.values(contract.resource.attributes),
          ...furtherAttributes,
        ]),
        'set(resource.schema_url, "")',
      ],
    },
    {
      context: "scope",
      statements: [
        ...keepDeclared("scope", []),
        `set(scope.name, ${text(contract.tracerName)})`,
        'set(scope.version, "")',
        'set(scope.schema_url, "")',
      ],
    },
  ];
}

function isCalled(names: readonly string[]): string {
  const [name = "", ...others] = names;
  return others.length === 0
    ? `span.name == ${text(name)}`
    : `ContainsValue(${list(names)}, span.name)`;
}

/** Spans that carry nothing share a group, so that every name is in one group and in no other. */
function groupsByAttributes(contract: Contract) {
  const definitions: readonly SpanDefinition[] = Object.values(contract.spans);
  const [bare, carrying] = [true, false].map((isBare) =>
    definitions.filter(({ attributes }) => (Object.keys(attributes).length === 0) === isBare),
  );
  return [
    ...(carrying ?? []).map((definition) => ({ names: [definition.name], definition })),
    { names: [...(bare ?? []).map(({ name }) => name), unlisted], definition: undefined },
  ];
}

function eventStatements(): string[] {
  const { name, type, message, stack } = exceptionEvent;
  const value = (key: string) => `spanevent.attributes[${text(key)}]`;
  const kept = [
    [type.key, type.lineForm],
    [message.key, message.lineForm],
    [stack.key, ofLines(stack.lineForm)],
  ] as const;
  const context: OttlContext = "spanevent";
  return [
    `set(spanevent.name, ${text(unlisted)}) where spanevent.name != ${text(name)}`,
    ...kept.map(
      ([key, form]) =>
        `set(${context}.cache[${text(key)}], ${value(key)}) where ${fits(value(key), form)}`,
    ),
    `set(${context}.attributes, ${context}.cache)`,
  ];
}

/** The form of a text each of whose lines has a form. */
function ofLines(form: RegExp): RegExp {
  const line = form.source.replace(/^\^/, "").replace(/\$$/, "");
  return new RegExp(`^(?:${line})(?:\\n(?:${line}))*$`);
}
