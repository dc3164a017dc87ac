import type { GeneratedFile, Service } from "#contract";
import { delivery, ownMetrics, storageIn } from "../../pipeline/collector/collector.ts";
import { inCollector } from "../../pipeline/environment.ts";
import { yamlFile } from "../../pipeline/yaml-file.ts";
import { listSampling } from "../sampling/kept-traces.ts";
import { gatewaySettings } from "./settings.ts";

const queue = "file_storage/queue";
const authentication = "bearertokenauth/agents";

/** The Collectors before Tempo: each sees whole traces, and keeps those that somebody will look for. */
export function gatewayFile(services: readonly Service[]): GeneratedFile {
  return yamlFile({
    name: "scale/collector-gateway.yaml",
    source: "the saved queries and stack/deployment/scale/",
    brief: [
      `A gateway: several Collectors (contrib 0.159 or newer) between the agents of ${services.map(({ name }) => name).join(" and ")} and Tempo. Kept`,
      "are all traces with an error, all that a saved query of severity warning or critical finds on one span,",
      "and a share of the others. sampling.md in docs/generated/SERVICE/ lists what that means for each query.",
      "",
    ],
    settings: gatewaySettings,
    content: gatewayConfig(services),
    reasons: {
      "processors.tail_sampling.decision_wait":
        "The root comes last. A request below a span of another service has no root here, and waits so long.",
      "processors.tail_sampling.decision_wait_after_root_received":
        "The rest of the trace may come by another agent, a little later.",
      "processors.tail_sampling.decision_cache": "Spans that come after the decision share it.",
      "exporters.otlp_grpc/tempo.sending_queue.storage":
        "What was decided is on disk. What was not is in memory: a gateway that is killed loses it.",
    },
  });
}

function gatewayConfig(services: readonly Service[]): object {
  const { otlpGrpc, certificate, key, authority, tempo } = gatewaySettings;
  const tls = { cert_file: inCollector(certificate), key_file: inCollector(key) };
  return {
    extensions: {
      health_check: { endpoint: inCollector(gatewaySettings.health) },
      [queue]: storageIn(gatewaySettings.dataDirectory, "queue"),
      [authentication]: { filename: inCollector(gatewaySettings.tokenFile) },
    },
    receivers: {
      otlp: {
        protocols: {
          grpc: {
            endpoint: inCollector(otlpGrpc),
            tls,
            auth: { authenticator: authentication },
          },
        },
      },
    },
    processors: {
      memory_limiter: {
        check_interval: "1s",
        limit_mib: inCollector(gatewaySettings.memoryMib),
        spike_limit_percentage: 20,
      },
      tail_sampling: tailSampling(services),
    },
    exporters: {
      "otlp_grpc/tempo": {
        endpoint: inCollector(tempo),
        tls: { ca_file: inCollector(authority), ...tls },
        ...delivery({ minItems: 512, maxItems: 2048 }),
      },
    },
    service: {
      telemetry: { metrics: ownMetrics(gatewaySettings) },
      extensions: ["health_check", queue, authentication],
      pipelines: {
        traces: {
          receivers: ["otlp"],
          processors: ["memory_limiter", "tail_sampling"],
          exporters: ["otlp_grpc/tempo"],
        },
      },
    },
  };
}

function tailSampling(services: readonly Service[]): object {
  const anomalies = services.flatMap(({ id, contract }) =>
    listSampling(contract).flatMap(({ query, condition }) =>
      condition === undefined
        ? []
        : [
            {
              name: `${id}-${query.id}`,
              type: "ottl_condition",
              // Of spans without the attribute a sum cannot be made: that is no match.
              ottl_condition: { error_mode: "ignore", span: [condition.replaceAll("$", "$$$$")] },
            },
          ],
    ),
  );
  return {
    decision_wait: inCollector(gatewaySettings.longestRequest),
    decision_wait_after_root_received: "5s",
    num_traces: inCollector(gatewaySettings.traces),
    decision_cache: { sampled_cache_size: 500_000, non_sampled_cache_size: 500_000 },
    policies: [
      { name: "errors", type: "status_code", status_code: { status_codes: ["ERROR"] } },
      ...anomalies,
      {
        name: "share",
        type: "probabilistic",
        probabilistic: { sampling_percentage: inCollector(gatewaySettings.share) },
      },
    ],
  };
}
