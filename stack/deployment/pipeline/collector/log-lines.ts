import { type Contract, type LogEvent, logLevels } from "#contract";
import { forEachService, sourceStatements, unlisted } from "./allowed-spans.ts";
import type { LogOperator, StatementGroup } from "./model.ts";
import { keepDeclared, list, text } from "./ottl.ts";

/**
 * What a Collector that reads the log is started with: a line counts as read once it is on its way on disk. By
 * default it does so before, and a kill loses it.
 */
export const keepsLinesThroughKill = "--feature-gates=stanza.synchronousLogEmitter";

/** How a line of the server's log is read. What is no line of it is left out. */
export const lineOperators: readonly LogOperator[] = [
  {
    type: "json_parser",
    // Without this every number would be a double.
    parse_ints: true,
    on_error: "drop_quiet",
    timestamp: {
      parse_from: "attributes.time",
      layout_type: "gotime",
      layout: "2006-01-02T15:04:05.999Z07:00",
    },
    severity: { parse_from: "attributes.level" },
  },
  {
    // On its own, because within json_parser a malformed id would cost the line.
    type: "trace_parser",
    if: [
      `(attributes.trace_id ?? "") matches "^[0-9a-f]{32}$"`,
      `(attributes.span_id ?? "") matches "^[0-9a-f]{16}$"`,
    ].join(" and "),
    trace_id: { parse_from: "attributes.trace_id" },
    span_id: { parse_from: "attributes.span_id" },
  },
  { type: "move", from: "attributes.event", to: "body", on_error: "drop_quiet" },
];

/** What is left of a line: its event for a body, and the fields that the event has in the contract. */
export function lineStatements(contracts: readonly Contract[]): StatementGroup[] {
  return forEachService(contracts, lineGroups);
}

function lineGroups(contract: Contract): StatementGroup[] {
  const events: readonly LogEvent[] = Object.values(contract.logEvents);
  const names = events.map(({ name }) => name);
  return [
    ...sourceStatements(contract),
    {
      context: "log",
      statements: [
        `set(log.body, ${text(unlisted)}) where not ContainsValue(${list(names)}, log.body)`,
        `set(log.severity_text, "") where not ContainsValue(${list(logLevels)}, log.severity_text)`,
        'set(log.event_name, "")',
      ],
    },
    ...events.map((event) => ({
      context: "log" as const,
      conditions: [`log.body == ${text(event.name)}`],
      statements: keepDeclared("log", Object.values(event.fields)),
    })),
    {
      context: "log",
      conditions: [`log.body == ${text(unlisted)}`],
      statements: keepDeclared("log", []),
    },
  ];
}
