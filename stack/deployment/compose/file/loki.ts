import type { GeneratedFile } from "#contract";
import { yamlFile } from "../../pipeline/yaml-file.ts";
import { containerPorts } from "../ports.ts";

/** As long as Tempo keeps the traces that the lines belong to. */
const retention = "336h";

/** Loki as one process with its data in a folder. */
export function lokiFile(): GeneratedFile {
  return yamlFile({
    name: "compose/loki.yaml",
    source: "stack/deployment/compose/file/loki.ts",
    meaning: ["Loki 3.7, one process with its data in a folder.", ""],
    settings: {},
    content: {
      auth_enabled: false,
      server: {
        http_listen_port: containerPorts.loki,
        grpc_listen_port: 9095,
        log_level: "warn",
      },
      common: {
        path_prefix: "/loki",
        replication_factor: 1,
        ring: { instance_addr: "127.0.0.1", kvstore: { store: "inmemory" } },
        storage: {
          filesystem: { chunks_directory: "/loki/chunks", rules_directory: "/loki/rules" },
        },
      },
      schema_config: {
        configs: [
          {
            from: "2024-04-01",
            store: "tsdb",
            object_store: "filesystem",
            schema: "v13",
            index: { prefix: "index_", period: "24h" },
          },
        ],
      },
      limits_config: {
        allow_structured_metadata: true,
        retention_period: retention,
        reject_old_samples_max_age: retention,
      },
      compactor: { retention_enabled: true, delete_request_store: "filesystem" },
      analytics: { reporting_enabled: false },
    },
    reasons: {
      "limits_config.allow_structured_metadata":
        "The ids of trace and span come beside the line, and are asked for there.",
      "limits_config.reject_old_samples_max_age":
        "The Collector brings lines from before an outage, which would be refused.",
      "schema_config.configs": "Structured metadata need the schema v13 with tsdb.",
    },
  });
}
