import type { Contract, GeneratedFile } from "#contract";
import { serviceNames } from "../../pipeline/collector/collector.ts";
import { inTempo } from "../../pipeline/environment.ts";
import { yamlFile } from "../../pipeline/yaml-file.ts";
import type { Replicas } from "../size/size.ts";
import { contractParts, createClientTls, createServerTls } from "./distributed.ts";
import { distributedSettings as settings } from "./settings.ts";

/** The chart knows the ports and the addresses of its parts by itself. */
const {
  port: _port,
  grpcPort: _grpcPort,
  members: _members,
  memberPort: _memberPort,
  frontend: _frontend,
  scheduler: _scheduler,
  kafka: _kafka,
  partitions: _partitions,
  ...chartSettings
} = settings;

/** Where it begins: as much as one process takes, with a second of each part. */
const smallest: Omit<Replicas, "gateways"> = {
  distributor: 2,
  liveStore: 2,
  blockBuilder: 1,
  querier: 2,
  queryFrontend: 2,
  backendWorker: 1,
  partitions: 1,
};

/** Values for the chart tempo-distributed, which fills in addresses and makes the parts. */
export function helmValuesFile(contracts: readonly Contract[]): GeneratedFile {
  const parts = replicaValues(smallest);
  return yamlFile({
    name: "scale/tempo-values.yaml",
    source: "the contracts, stack/deployment/pipeline/tempo/ and stack/deployment/scale/tempo/",
    brief: [
      `Values for the Helm chart tempo-distributed 3.3.0 (Tempo 3.0.3), for the traces of ${serviceNames(contracts)}:`,
      "  helm install tempo grafana-community/tempo-distributed --version 3.3.0 -f tempo-values.yaml -f size.yaml",
      "size.yaml is what npm run stack:size -- --values prints. The secret tempo-settings has what the",
      "environment may set, tempo-tls the certificates. Kafka and the storage are not part of the chart.",
      "",
    ],
    settings: chartSettings,
    content: {
      // Of Tempo's own parts; what is global goes to memcached too.
      defaults: {
        extraArgs: ["-config.expand-env=true"],
        extraEnvFrom: [{ secretRef: { name: "tempo-settings" } }],
        extraVolumes: [{ name: "tls", secret: { secretName: "tempo-tls" } }],
        extraVolumeMounts: [{ name: "tls", mountPath: "/tls", readOnly: true }],
      },
      reportingEnabled: false,
      traces: { otlp: { grpc: { enabled: true } } },
      metricsGenerator: { enabled: true },
      storage: { trace: { backend: "s3" } },
      ...parts,
      // The chart asks for both where there is more than one, and has no defaults.
      backendWorker: {
        ...parts.backendWorker,
        podDisruptionBudget: { enabled: true },
        maxUnavailable: 1,
      },
      tempo: { structuredConfig: structuredConfig(contracts) },
    },
  });
}

/** How many of each part, as the chart's values have it. */
export function replicaValues(replicas: Omit<Replicas, "gateways">) {
  const { partitions, distributor, liveStore, blockBuilder, ...others } = replicas;
  const { querier, queryFrontend, backendWorker } = others;
  return {
    distributor: { replicas: distributor },
    liveStore: { replicas: liveStore },
    blockBuilder: { replicas: blockBuilder },
    querier: { replicas: querier },
    queryFrontend: { replicas: queryFrontend },
    backendWorker: { replicas: backendWorker },
    ingest: {
      kafka: { address: "kafka:9092", auto_create_topic_default_partitions: partitions },
    },
  };
}

/** Laid over what the chart writes by itself. */
function structuredConfig(contracts: readonly Contract[]): object {
  return {
    ...contractParts(contracts),
    server: { log_level: "warn", ...createServerTls() },
    memberlist: createClientTls(),
    querier: { frontend_worker: { grpc_client_config: createClientTls() } },
    ingest: {
      kafka: {
        sasl_username: inTempo(settings.kafkaUser),
        sasl_password: inTempo(settings.kafkaPassword),
      },
    },
  };
}
