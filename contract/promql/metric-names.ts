/** What of a metric its name in Prometheus is made of. */
interface NamedMetric {
  readonly name: string;
  readonly unit: string;
  /** As a metric is declared: `counter`, `observable-counter`, `gauge` or `histogram`. */
  readonly instrument: string;
}

/**
 * What a metric is called in Prometheus: as its own OTLP receiver and the Collector's exporter rewrite
 * the name by default, so that it is the same whether it was sent or scraped.
 */
export function prometheusName({ name, unit, instrument }: NamedMetric): string {
  const words = name.split(".").join("_").split("_");
  const unitWord = findUnitWord(unit, instrument);
  return [
    ...words.filter((word) => word !== unitWord && !(isCounter(instrument) && word === "total")),
    ...(unitWord === undefined ? [] : [unitWord]),
    ...(isCounter(instrument) ? ["total"] : []),
  ].join("_");
}

/** A label's name in Prometheus. */
export function prometheusLabel(key: string): string {
  return key.replaceAll(/\W/g, "_");
}

export function isCounter(instrument: string): boolean {
  return instrument === "counter" || instrument === "observable-counter";
}

function findUnitWord(unit: string, instrument: string): string | undefined {
  switch (unit) {
    case "s":
      return "seconds";
    case "By":
      return "bytes";
    case "1":
      return instrument === "gauge" ? "ratio" : undefined;
    default:
      return undefined;
  }
}
