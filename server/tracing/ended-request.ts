import type { HrTime } from "@opentelemetry/api";
import type { AtStart, Settable, SpanDefinition } from "#contract";

type ValuesOfSpan<Definition> = AtStart<Definition> & Settable<Definition>;

/** A span as it was sent, or would have been: its times, and what was given for its attributes. */
export interface EndedSpan<Definition extends SpanDefinition = SpanDefinition> {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  value<Identifier extends keyof ValuesOfSpan<Definition>>(
    identifier: Identifier,
  ): ValuesOfSpan<Definition>[Identifier] | undefined;
}

/** All spans of a request that is over, for what is measured besides them. */
export class EndedRequest {
  readonly #spans: ReadonlyMap<SpanDefinition, EndedSpan>;

  constructor(spans: ReadonlyMap<SpanDefinition, EndedSpan>) {
    this.#spans = spans;
  }

  /** The last span of this kind; undefined when the request did not get so far. */
  of<Definition extends SpanDefinition>(definition: Definition): EndedSpan<Definition> | undefined {
    return this.#spans.get(definition) as EndedSpan<Definition> | undefined;
  }
}
