import { type Contract, type GeneratedFile, serviceNameOf } from "#contract";
import { collectorConfig, settingsFor } from "../../pipeline/collector/collector.ts";
import { inCollector } from "../../pipeline/environment.ts";
import { yamlFile } from "../../pipeline/yaml-file.ts";
import { agentMetricsSettings, agentSettings } from "./settings.ts";

const gateways = "load_balancing/gateways";
const authentication = "bearertokenauth/gateways";
/** Of lines, in the reading's own parts of up to a hundred: some 10 MB. */
const waitingLineParts = 100;

/**
 * The Collector beside each server: what the contract allows goes on, and all spans of a trace to the same
 * gateway, which alone can judge the trace.
 */
export function agentFile(contract: Contract): GeneratedFile {
  const { tempo: _, ...settings } = settingsFor(contract);
  return yamlFile({
    name: "scale/collector-agent.yaml",
    source: "contract/, stack/deployment/pipeline/collector/ and stack/deployment/scale/collector/",
    meaning: [
      `The agent: one Collector (contrib 0.159 or newer) beside each ${serviceNameOf(contract)}. It lets through what the`,
      "contract declares, and sends all spans of a trace to the same gateway, over TLS.",
      "",
    ],
    settings: {
      ...settings,
      ...agentSettings,
      ...("prometheus" in settings ? agentMetricsSettings : {}),
    },
    content: agentConfig(contract),
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

function agentConfig(contract: Contract): object {
  const { exporters, extensions, service, ...others } = collectorConfig(contract);
  const {
    "otlp_grpc/tempo": toTempo,
    "otlp_http/loki": toLoki,
    "otlp_http/prometheus": toPrometheus,
  } = exporters;
  const { retry_on_failure, sending_queue } = toTempo;
  const { traces, ...otherPipelines } = service.pipelines;
  return {
    extensions: {
      ...extensions,
      [authentication]: { filename: inCollector(agentSettings.tokenFile) },
    },
    ...others,
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
        ...toLoki,
        tls: { ca_file: inCollector(agentSettings.lokiAuthority) },
        sending_queue: { ...toLoki.sending_queue, queue_size: waitingLineParts },
      },
      ...(toPrometheus === undefined
        ? {}
        : {
            "otlp_http/prometheus": {
              ...toPrometheus,
              tls: { ca_file: inCollector(agentMetricsSettings.prometheusAuthority) },
            },
          }),
    },
    service: {
      ...service,
      extensions: [...service.extensions, authentication],
      pipelines: { traces: { ...traces, exporters: [gateways] }, ...otherPipelines },
    },
  };
}
