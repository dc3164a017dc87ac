import { faultOfValue, type LogEvent } from "#contract";

/** A field of a line that its event does not take. `key` is undefined for one it does not have. */
export interface FieldFault {
  readonly event: LogEvent;
  readonly key: string | undefined;
  readonly fault: string;
}

/**
 * What a line of this event says, each field under its wire name. Unknown fields and wrong values
 * are left out and reported; the types forbid them, but not everything that runs was compiled.
 */
export function contractLine(
  event: LogEvent,
  fields: object,
  report: (fault: FieldFault) => void,
): Record<string, unknown> {
  const line: Record<string, unknown> = { event: event.name };
  for (const identifier of Object.keys(fields ?? {})) {
    const field = Object.hasOwn(event.fields, identifier) ? event.fields[identifier] : undefined;
    if (field === undefined) {
      report({ event, key: undefined, fault: "not a field of it" });
      continue;
    }
    const value = readField(fields, identifier);
    if (value === undefined && !event.required.includes(identifier)) {
      continue;
    }
    const fault = faultOfValue(field, value);
    if (fault === undefined) {
      line[field.key] = value;
    } else {
      report({ event, key: field.key, fault });
    }
  }
  return line;
}

function readField(fields: object, identifier: string): unknown {
  try {
    return (fields as Record<string, unknown>)[identifier];
  } catch {
    // A getter threw; null is no value of any field.
    return null;
  }
}
