import type { GeneratedFile } from "#contract";
import { yamlFile } from "../../pipeline/yaml-file.ts";
import { containerPorts as port } from "../ports.ts";

/** Prometheus: what it asks itself. Tempo and the Collector write to it besides. */
export function prometheusFile(): GeneratedFile {
  const job = (name: keyof typeof scraped) => ({
    job_name: name,
    static_configs: [{ targets: [`${name}:${scraped[name]}`] }],
  });
  return yamlFile({
    name: "compose/prometheus.yaml",
    source: "stack/deployment/compose/file/prometheus.ts",
    meaning: ["Prometheus 3.14: how the parts of the stack are.", ""],
    settings: {},
    content: {
      global: { scrape_interval: "15s", scrape_timeout: "10s" },
      storage: { tsdb: { out_of_order_time_window: "1h" } },
      scrape_configs: (Object.keys(scraped) as (keyof typeof scraped)[]).map(job),
    },
    reasons: {
      "storage.tsdb.out_of_order_time_window":
        "Tempo and the Collector bring what they counted during an outage.",
    },
  });
}

const scraped = {
  prometheus: port.prometheus,
  tempo: port.tempo,
  loki: port.loki,
  grafana: port.grafana,
  collector: port.collectorMetrics,
};
