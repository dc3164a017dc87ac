import type { KnownMetric, KnownNames } from "./known-names.ts";
import { alwaysKnownMetrics } from "./usual-metrics.ts";

const sample = /^([a-zA-Z_:][\w:]*)\s*(?:\{(.*)\})?\s+\S/;
const label = /(?:^|,)\s*(?:([a-zA-Z_]\w*)|"((?:[^"\\]|\\.)*)")\s*=\s*"(?:[^"\\]|\\.)*"/g;
const family = /^#\s*TYPE\s+(\S+)\s+(\w+)/;

/**
 * The metrics in what a service's `/metrics` prints: Prometheus's text format, or OpenMetrics. Of a family
 * without a sample, the labels are not known.
 */
export function scrapeNames(text: string, source: string): KnownNames {
  const labelsByName = new Map<string, Set<string>>();
  const families: string[] = [...alwaysKnownMetrics];
  for (const line of text.split("\n")) {
    const [, familyName, type = ""] = family.exec(line) ?? [];
    if (familyName !== undefined) {
      families.push(...namesOf(familyName, type));
      continue;
    }
    const [, name, labels = ""] = line.startsWith("#") ? [] : (sample.exec(line) ?? []);
    if (name !== undefined) {
      const known = labelsByName.get(name) ?? new Set<string>();
      for (const [, plain, quoted] of labels.matchAll(label)) {
        known.add(plain ?? quoted ?? "");
      }
      labelsByName.set(name, known);
    }
  }
  const open = families.map((name): [string, KnownMetric] => [
    name,
    { labels: "any", values: new Map() },
  ]);
  const seen = [...labelsByName].map(([name, labels]): [string, KnownMetric] => [
    name,
    { labels, values: new Map() },
  ]);
  return {
    source,
    metrics: {
      byName: new Map([...open, ...seen]),
      hasTargetLabels: false,
    },
  };
}

/** The series of a family that has no sample yet. */
function namesOf(name: string, type: string): string[] {
  switch (type) {
    case "histogram":
      return [`${name}_bucket`, `${name}_sum`, `${name}_count`];
    case "summary":
      return [name, `${name}_sum`, `${name}_count`];
    case "counter":
      return name.endsWith("_total") ? [name] : [name, `${name}_total`];
    default:
      return [name];
  }
}
