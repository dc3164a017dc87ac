import { asList, asText, getAt, getMember } from "../documents/json-values.ts";
import type { KnownMetric, KnownNames } from "../known/known-names.ts";
import type { Ask } from "../queries/need.ts";
import { askJson, refusedNames } from "./ask-json.ts";

/** When to look: Unix seconds. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
}

/** Steps of a range, so that it is not seen whether a single one lacks. */
const steps = 100;

/** A Prometheus that is asked what it has. */
export class PrometheusStore {
  readonly #url: string;
  readonly #range: TimeRange;

  constructor(url: string, range: TimeRange) {
    this.#url = url.replace(/\/+$/, "");
    this.#range = range;
  }

  /** All names of metrics, and of those that are asked for the labels and their values. */
  async readNames(asks: readonly Ask[]): Promise<KnownNames> {
    const answer = await this.#ask("/api/v1/label/__name__/values", []);
    if (answer === undefined) {
      throw refusedNames("Prometheus", this.#url);
    }
    const names = texts(answer);
    const labelsByMetric = labelsAsked(asks);
    const byName = new Map<string, KnownMetric>();
    for (const name of names) {
      const asked = labelsByMetric.get(name);
      byName.set(name, asked === undefined ? openMetric : await this.#readMetric(name, asked));
    }
    return {
      source: "Prometheus",
      isStore: true,
      metrics: { byName, hasTargetLabels: true },
    };
  }

  async #readMetric(name: string, asked: ReadonlySet<string>): Promise<KnownMetric> {
    const selector = `{__name__=${JSON.stringify(name)}}`;
    const labels = new Set(texts(await this.#ask("/api/v1/labels", [["match[]", selector]])));
    const seen = new Map<string, readonly string[]>();
    for (const label of asked) {
      if (labels.has(label)) {
        const path = `/api/v1/label/${encodeURIComponent(label)}/values`;
        seen.set(label, texts(await this.#ask(path, [["match[]", selector]])));
      }
    }
    return { labels, values: new Map(), seen };
  }

  /** Whether a query finds a series in the time; undefined when it is refused. */
  async hasData(text: string): Promise<boolean | undefined> {
    const step = Math.max(15, Math.ceil((this.#range.end - this.#range.start) / steps));
    const answer = await this.#ask("/api/v1/query_range", [
      ["query", text],
      ["step", String(step)],
    ]);
    const result = getAt(answer, "data", "result");
    return Array.isArray(result) ? result.length > 0 : undefined;
  }

  async #ask(path: string, more: readonly [string, string][]): Promise<unknown> {
    const { start, end } = this.#range;
    const parameters = new URLSearchParams([
      ...more,
      ["start", String(start)],
      ["end", String(end)],
    ]);
    return await askJson({ name: "Prometheus", url: this.#url }, path, parameters);
  }
}

const openMetric: KnownMetric = { labels: "any", values: new Map() };

function texts(answer: unknown): string[] {
  return asList(getMember(answer, "data")).flatMap((one) => asText(one) ?? []);
}

/** Metrics of which labels are asked for, with the labels whose values are. */
function labelsAsked(asks: readonly Ask[]): ReadonlyMap<string, ReadonlySet<string>> {
  const byMetric = new Map<string, Set<string>>();
  for (const ask of asks) {
    if (ask.type === "label" || ask.type === "label value") {
      for (const metric of ask.metrics) {
        const labels = byMetric.get(metric) ?? new Set<string>();
        byMetric.set(metric, ask.type === "label value" ? labels.add(ask.label) : labels);
      }
    }
  }
  return byMetric;
}
