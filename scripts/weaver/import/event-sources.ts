import { exceptionEvent, identifierOf, type LogEventSource, type LogLevel } from "#contract";
import type { EventFacts } from "../registry/facts.ts";
import type { AttributeSources } from "./attribute-sources.ts";
import type { Losses } from "./losses.ts";
import type { RegistrySignal } from "./registry.ts";

interface EventOptions {
  /** Those of the spans, and those that only log lines have. */
  readonly fields: AttributeSources;
  /** Names of spans → identifiers. */
  readonly spans: ReadonlyMap<string, string>;
  readonly losses: Losses;
}

/** The events that a registry has as log lines; the exception of a span is no line of its own. */
export function listEvents(signals: readonly RegistrySignal[]): RegistrySignal[] {
  return signals.filter(({ kind, name }) => kind === "event" && name !== exceptionEvent.name);
}

/** The log lines of a registry, by identifier. */
export function eventSources(
  events: readonly RegistrySignal[],
  { fields, spans, losses }: EventOptions,
): Record<string, LogEventSource> {
  const identifiers = new Map(Object.entries(fields).map(([name, { key }]) => [key, name]));
  const taken = new Set<string>();
  const sources = events.map((event): [string, LogEventSource] => {
    const { name, brief, uses, facts, stability, deprecated } = event;
    const { identifier: own, level, span } = (facts ?? {}) as Partial<EventFacts>;
    const identifier = own === undefined || taken.has(own) ? identifierOf(name, taken) : own;
    taken.add(identifier);
    if (facts === undefined) {
      losses.add("Log lines get the level info, in any span, for Weaver says neither", name);
    }
    if (deprecated !== undefined || (stability !== undefined && stability !== "development")) {
      losses.add("Stability and deprecation of log lines are left out", name);
    }
    const known = uses.filter(({ key }) => identifiers.has(key));
    const toIdentifiers = (isRequired: boolean) =>
      known
        .filter(({ level: when }) => (when === "required") === isRequired)
        .map(({ key }) => identifiers.get(key) ?? "");
    const [always, sometimes] = [toIdentifiers(true), toIdentifiers(false)];
    return [
      identifier,
      {
        name,
        brief: brief || `The registry does not say what ${name} is.`,
        level: (level ?? "info") as LogLevel,
        span: span === null || span === undefined ? null : (spans.get(span) ?? null),
        ...(always.length === 0 ? {} : { fields: always }),
        ...(sometimes.length === 0 ? {} : { optionalFields: sometimes }),
      },
    ];
  });
  return Object.fromEntries(sources);
}
