import { type Contract, contentKey, faultOfValue, type LogEvent, type Span } from "#contract";
import type { LogLine } from "../../stack/index.ts";

/** In a line beside the fields of its event. */
const surroundings = ["pid", "hostname", "msg"];

/** What is wrong with one line of a request's story. Values are never repeated. */
export function lineFaults(contract: Contract, line: LogLine, spans: readonly Span[]): string[] {
  const event = Object.values(contract.logEvents).find(({ name }) => name === line.event);
  const faults = [
    ...spanFaults(contract, line, event, spans),
    ...Object.keys(line.fields)
      .filter((key) => contentKey.test(key))
      .map((key) => `has the field ${key}, which stands for content`),
    ...(event === undefined ? ["is of an event that the contract does not know"] : []),
    ...(event === undefined ? [] : fieldFaults(line, event)),
  ];
  return faults.map((fault) => `The line ${line.event} at ${line.time} ${fault}.`);
}

function spanFaults(
  contract: Contract,
  line: LogLine,
  event: LogEvent | undefined,
  spans: readonly Span[],
): string[] {
  const span = spans.find(({ spanId }) => spanId === line.spanId);
  if (span === undefined) {
    return [
      line.spanId === undefined
        ? "has no span id"
        : `has the span id ${line.spanId}, which the trace has not`,
    ];
  }
  const expected = event?.span && contract.spans[event.span]?.name;
  return expected && expected !== span.name
    ? [`was written in ${span.name}, not in ${expected}`]
    : [];
}

function fieldFaults(line: LogLine, event: LogEvent): string[] {
  const keys = new Map(
    Object.entries(event.fields).map(([identifier, attribute]) => [
      attribute.key,
      { attribute, isRequired: event.required.includes(identifier) },
    ]),
  );
  const missing = [...keys].flatMap(([key, { isRequired }]) =>
    isRequired && line.fields[key] === undefined ? [`lacks the field ${key}`] : [],
  );
  const wrong = Object.entries(line.fields).flatMap(([key, value]) => {
    const field = keys.get(key);
    if (field === undefined) {
      return surroundings.includes(key) ? [] : [`has the unknown field ${key}`];
    }
    const fault = faultOfValue(field.attribute, value);
    return fault === undefined ? [] : [`has a ${key} that is ${fault}`];
  });
  const level =
    line.level === event.level ? [] : [`has the level ${line.level}, not ${event.level}`];
  return [...level, ...missing, ...wrong];
}
