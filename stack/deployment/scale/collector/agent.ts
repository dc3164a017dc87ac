import type { Contract, GeneratedFile } from "#contract";
import { collectorConfig, hasMetrics, serviceNames } from "../../pipeline/collector/collector.ts";
import { inCollector } from "../../pipeline/environment.ts";
import { yamlFile } from "../../pipeline/yaml-file.ts";
import { agentMetricsSettings, agentSettings } from "./settings.ts";

const gateways = "load_balancing/gateways";
const authentication = "bearertokenauth/gateways";
/** Of lines, in the reading's own parts of up to a hundred: some 10 MB. */
const waitingLineParts = 100;

/**
 * What makes an agent of the one Collector of a machine: all spans of a trace go to the same gateway, which
 * alone can judge the trace. A Collector lays its second file over the first: maps are merged, lists replaced.
 */
export function agentFile(contracts: readonly Contract[]): GeneratedFile {
  return yamlFile({
    name: "scale/collector-agent.yaml",
    source:
      "the contracts, stack/deployment/pipeline/collector/ and stack/deployment/scale/collector/",
    brief: [
      `The agent: one Collector (contrib 0.159 or newer) beside each ${serviceNames(contracts)}. It is started with two files,`,
      "  --config=collector.yaml --config=collector-agent.yaml",
      "and what is here is laid over the first: all spans of a trace go to the same gateway, over TLS.",
      "What the first file says of TEMPO_OTLP is not used.",
      "",
    ],
    settings: { ...agentSettings, ...(hasMetrics(contracts) ? agentMetricsSettings : {}) },
    content: agentConfig(contracts),
    reasons: {
      [`exporters.${gateways}.sending_queue`]:
        "Here and not below, where no queue can be on disk: after a failure the spans are spread anew.",
      [`exporters.${gateways}.resolver.dns`]:
        "Asked every five seconds: while gateways come or go, a trace may be judged in two parts.",
      "exporters.otlp_http/loki.sending_queue.queue_size":
        "Few: the disk is for spans. What does not fit stays in the log's files, and is read on from there.",
    },
  });
}

function agentConfig(contracts: readonly Contract[]): object {
  const { exporters, service } = collectorConfig(contracts);
  const { retry_on_failure, sending_queue } = exporters["otlp_grpc/tempo"];
  const prometheusTls = { ca_file: inCollector(agentMetricsSettings.prometheusAuthority) };
  return {
    extensions: { [authentication]: { filename: inCollector(agentSettings.tokenFile) } },
    exporters: {
      [gateways]: {
        routing_key: "traceID",
        resolver: {
          dns: {
            hostname: inCollector(agentSettings.gatewayHost),
            port: inCollector(agentSettings.gatewayPort),
            interval: "5s",
          },
        },
        protocol: {
          otlp: {
            auth: { authenticator: authentication },
            tls: {
              ca_file: inCollector(agentSettings.authority),
              server_name_override: inCollector(agentSettings.gatewayName),
            },
            sending_queue: { enabled: false },
            retry_on_failure: { enabled: false },
            timeout: "5s",
          },
        },
        retry_on_failure: { enabled: true, ...retry_on_failure },
        sending_queue: { enabled: true, ...sending_queue },
      },
      "otlp_http/loki": {
        tls: { ca_file: inCollector(agentSettings.lokiAuthority) },
        sending_queue: { queue_size: waitingLineParts },
      },
      ...(hasMetrics(contracts) ? { "otlp_http/prometheus": { tls: prometheusTls } } : {}),
    },
    service: {
      extensions: [...service.extensions, authentication],
      pipelines: { traces: { exporters: [gateways] } },
    },
  };
}
