import type { Contract, GeneratedFile } from "#contract";
import type { DatasourceFile } from "../model/datasource.ts";
import { yamlFile } from "../yaml-file.ts";
import { lokiDatasource, prometheusDatasource } from "./logs-and-metrics.ts";
import { tempoDatasource } from "./tempo.ts";

export function datasourceFile(contract: Contract): GeneratedFile {
  const content: DatasourceFile = {
    apiVersion: 1,
    prune: true,
    datasources: [tempoDatasource(contract), lokiDatasource(), prometheusDatasource()],
  };
  return yamlFile({
    name: "grafana/datasources/datasources.yaml",
    source: "contract/ and provisioning/datasources/",
    meaning: [
      "Datasources for Grafana 13. Its environment says where they are:",
      "  TEMPO_URL       Tempo's API, or the embedded store's: http://tempo:3200",
      "  LOKI_URL        http://loki:3100",
      "  PROMETHEUS_URL  http://prometheus:9090",
    ],
    content,
  });
}
