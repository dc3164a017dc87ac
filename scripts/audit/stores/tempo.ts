import { type MetricsStage, parseMetricsStage, parseQuery, printQuery } from "#traceql";
import { measureTempoOverTime, StackError, searchTempo } from "../../../stack/index.ts";
import { asList, asText, getMember } from "../documents/json-values.ts";
import type { KnownNames, Scope } from "../known/known-names.ts";
import type { Ask } from "../queries/need.ts";
import { fieldText } from "../queries/traceql-needs.ts";
import { askJson, refusedNames } from "./ask-json.ts";
import type { TimeRange } from "./prometheus.ts";

const scopes = new Set<string>(["span", "resource", "event", "link", "instrumentation"]);
const steps = 60;

type AttributeAsk = Extract<Ask, { type: "attribute" | "attribute value" }>;

/** A Tempo, or the embedded store, that is asked what it has. */
export class TempoStore {
  readonly #url: string;
  readonly #range: TimeRange;

  constructor(url: string, range: TimeRange) {
    this.#url = url.replace(/\/+$/, "");
    this.#range = range;
  }

  /**
   * All attributes and span names, and of the attributes that are compared with a value their values. A
   * list that a store cuts short is made up for: what is asked for and not in there is searched for.
   */
  async readNames(asks: readonly Ask[]): Promise<KnownNames> {
    const tags = await this.#ask("/api/v2/search/tags");
    if (tags === undefined) {
      throw refusedNames("Tempo", this.#url);
    }
    const attributes = new Map<Scope, Set<string>>();
    for (const scope of asList(getMember(tags, "scopes"))) {
      const name = asText(getMember(scope, "name")) ?? "";
      if (scopes.has(name)) {
        const keys = asList(getMember(scope, "tags")).flatMap((tag) => asText(tag) ?? []);
        attributes.set(name as Scope, new Set(keys));
      }
    }
    const spanNames = new Set(await this.#values("name"));
    const seen = new Map<string, readonly string[]>();
    for (const { type, scope, name } of attributeAsks(asks)) {
      for (const one of scope === "any" ? (["span", "resource"] as const) : [scope]) {
        await this.#addSearched(attributes, one, name);
        if (type === "attribute value" && !seen.has(`${one}.${name}`)) {
          seen.set(
            `${one}.${name}`,
            await this.#values(fieldText({ type: "attribute", scope: one, name })),
          );
        }
      }
    }
    for (const value of asks.flatMap((ask) => (ask.type === "span name" ? ask.values : []))) {
      const text = `{ name = ${JSON.stringify(value)} }`;
      if (!spanNames.has(value) && (await this.hasData(text)) === true) {
        spanNames.add(value);
      }
    }
    return {
      source: "Tempo",
      isStore: true,
      traces: { attributes, spanNames, values: new Map(), seen },
    };
  }

  async #addSearched(
    attributes: Map<Scope, Set<string>>,
    scope: Scope,
    name: string,
  ): Promise<void> {
    const known = attributes.get(scope) ?? new Set<string>();
    attributes.set(scope, known);
    if (!known.has(name)) {
      const field = fieldText({ type: "attribute", scope, name });
      if ((await this.hasData(`{ ${field} != nil }`)) === true) {
        known.add(name);
      }
    }
  }

  /** Whether a query finds anything in the time; undefined when it is refused. */
  async hasData(text: string): Promise<boolean | undefined> {
    const metrics = parseMetricsStage(text);
    if (metrics === undefined) {
      return await unlessRefused(() => this.#finds(text));
    }
    const isMeasured = await unlessRefused(() => this.#measures(text, metrics));
    // Tempo computes metrics over less time than it searches; the spans that are measured are there or not.
    return isMeasured ?? (await unlessRefused(() => this.#finds(withoutMetrics(text))));
  }

  async #finds(text: string): Promise<boolean> {
    return (await searchTempo(this.#url, { text, ...this.#range, limit: 1 })).traces.length > 0;
  }

  async #measures(text: string, metrics: MetricsStage): Promise<boolean> {
    const stepSeconds = Math.max(1, Math.ceil((this.#range.end - this.#range.start) / steps));
    const asked = { text, ...this.#range, stepSeconds };
    const { series } = await measureTempoOverTime(this.#url, asked);
    // What counts is a line of zeros where there is nothing to count.
    const isCount = metrics.function === "rate" || metrics.function === "count_over_time";
    return series.some(
      ({ samples = [] }) => !isCount || samples.some(({ value }) => Number(value ?? 0) !== 0),
    );
  }

  async #values(tag: string): Promise<string[]> {
    const answer = await this.#ask(`/api/v2/search/tag/${encodeURIComponent(tag)}/values`);
    return asList(getMember(answer, "tagValues")).flatMap(
      (one) => asText(getMember(one, "value")) ?? [],
    );
  }

  async #ask(path: string): Promise<unknown> {
    const { start, end } = this.#range;
    const parameters = new URLSearchParams({ start: String(start), end: String(end) });
    return await askJson({ name: "Tempo", url: this.#url }, path, parameters);
  }
}

/** Undefined for what a store does not answer, as it is too much or too new for it. */
async function unlessRefused(ask: () => Promise<boolean>): Promise<boolean | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof StackError && error.code === "query_refused") {
      return undefined;
    }
    throw error;
  }
}

function withoutMetrics(text: string): string {
  return printQuery({ ...parseQuery(text), metrics: null, seriesStages: [] });
}

/** Each once; values before what has none. */
function attributeAsks(asks: readonly Ask[]): AttributeAsk[] {
  const found = asks.filter(
    (ask): ask is AttributeAsk => ask.type === "attribute" || ask.type === "attribute value",
  );
  return [...new Map(found.map((ask) => [`${ask.type} ${ask.scope}.${ask.name}`, ask])).values()];
}
