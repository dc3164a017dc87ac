import { type Attribute, type AttributeRecord, contentFault, type ValuesOf } from "./attribute.ts";
import { DefinitionError } from "./definition-error.ts";
import { type Listed, type OnlyKeysOf, repeated } from "./span.ts";

export const logLevels = ["debug", "info", "warn", "error", "fatal"] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LogEventDescription<Identifier extends string = string> {
  readonly brief: string;
  readonly level: LogLevel;
  /** The identifier of the span in which the line is written; null for any or none. */
  readonly span: string | null;
  readonly fields?: readonly Identifier[];
  readonly optionalFields?: readonly Identifier[];
}

interface NamedLogEvent<Identifier extends string = string>
  extends LogEventDescription<Identifier> {
  readonly name: string;
}

export interface LogEventTypes {
  readonly fields: object;
}

/** A kind of log line. Its fields have their wire names. */
export interface LogEvent<Types extends LogEventTypes = LogEventTypes> {
  readonly identifier: string;
  /** The value of `event` in the line. */
  readonly name: string;
  readonly brief: string;
  readonly level: LogLevel;
  readonly span: string | null;
  readonly fields: Readonly<Record<string, Attribute>>;
  readonly required: readonly string[];
  /** Only for types; undefined at run time. */
  readonly types?: Types;
}

/** The fields of a line of this kind. */
export type LogFields<Event> = Event extends LogEvent<infer Types> ? Types["fields"] : never;

export type LogEventRecord = Readonly<Record<string, LogEvent>>;

/** Describes one kind of log line; `defineLogEvents` checks it. */
export function logEvent<const Description extends LogEventDescription>(
  name: string,
  description: Description & OnlyKeysOf<LogEventDescription, Description>,
): Description & { readonly name: string } {
  return { name, ...description };
}

type FieldsOf<Fields extends AttributeRecord, Description> = ValuesOf<
  Fields,
  Listed<Description, "fields">
> &
  Partial<ValuesOf<Fields, Listed<Description, "optionalFields">>>;

export type LogEvents<Fields extends AttributeRecord, Descriptions> = {
  readonly [Key in keyof Descriptions]: LogEvent<{
    readonly fields: FieldsOf<Fields, Descriptions[Key]>;
  }>;
};

/** Fields that every line has. */
const reservedFields = [
  "time",
  "level",
  "event",
  "trace_id",
  "span_id",
  "pid",
  "hostname",
  "msg",
  "message",
  "stack",
];

/**
 * Declares every line that a service logs.
 * @throws DefinitionError with every fault: a duplicate name; a field that is unknown, listed twice,
 *   reserved, or would be dropped by the redactor.
 */
export function defineLogEvents<
  Fields extends AttributeRecord,
  const Descriptions extends Readonly<Record<string, NamedLogEvent<keyof Fields & string>>>,
>(fields: Fields, descriptions: Descriptions): LogEvents<Fields, Descriptions> {
  const faults: string[] = [];
  const names = new Set<string>();
  const events: Record<string, LogEvent> = {};
  for (const [identifier, description] of Object.entries(descriptions)) {
    const required: readonly string[] = description.fields ?? [];
    const all = [...required, ...(description.optionalFields ?? [])];
    faults.push(
      ...all.flatMap((field) => fieldFaults(fields, identifier, field)),
      ...repeated(all).map((field) => `${identifier}: lists ${field} twice`),
    );
    if (names.has(description.name)) {
      faults.push(`${identifier}: another event is called ${description.name} too`);
    }
    names.add(description.name);
    events[identifier] = {
      identifier,
      name: description.name,
      brief: description.brief,
      level: description.level,
      span: description.span,
      fields: Object.fromEntries(all.map((field) => [field, fields[field] as Attribute])),
      required,
    };
  }
  DefinitionError.throwIfAny("log events", faults);
  return events as LogEvents<Fields, Descriptions>;
}

function fieldFaults(fields: AttributeRecord, event: string, identifier: string): string[] {
  const field = Object.hasOwn(fields, identifier) ? fields[identifier] : undefined;
  if (field === undefined) {
    return [`${event}: there is no field ${identifier}`];
  }
  const content = contentFault(field.key);
  const reserved = reservedFields.includes(field.key)
    ? `${field.key} is in every line already`
    : undefined;
  return [content, reserved].flatMap((fault) => (fault ? [`${event}: ${fault}`] : []));
}
