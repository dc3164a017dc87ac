import { type Contract, type GeneratedFile, getServiceName } from "#contract";
import { createCollectorSettings, type FileSetting, inCollector } from "../environment.ts";
import { yamlFile } from "../yaml-file.ts";
import { droppedMetrics, droppedPoints, metricStatements } from "./allowed-metrics.ts";
import { droppedSenders, droppedSpans, spanStatements } from "./allowed-spans.ts";
import { throwIfNotAllowable } from "./faults.ts";
import { lineOperators, lineStatements } from "./log-lines.ts";
import type { CollectorConfig, Delivery, OwnMetrics } from "./model.ts";

const queue = "file_storage/queue";
const offsets = "file_storage/offsets";

/**
 * The Collector between the service and Tempo: nothing that the contract does not declare passes, and
 * nothing that was acknowledged is lost.
 * @throws DefinitionError naming every form that the Collector cannot check.
 */
export function collectorFile(contracts: readonly Contract[]): GeneratedFile {
  throwIfNotAllowable(contracts);
  return yamlFile({
    name: "collector.yaml",
    source: "the contracts and stack/deployment/pipeline/collector/",
    brief: [
      "OpenTelemetry Collector, contrib 0.159 or newer: spans to Tempo, log lines to Loki, metrics to",
      `Prometheus, and of all exactly what the contract of ${serviceNames(contracts)} declares. What it does not have`,
      "is left out; a name that it does not have becomes unlisted.",
      "",
    ],
    settings: settingsFor(contracts),
    content: collectorConfig(contracts),
    reasons: {
      "processors.filter/links":
        "No statement reaches into a link, and no span of the contract has one.",
      "processors.transform/spans":
        "Each group sets aside what is allowed, and takes it for all that there is.",
      "processors.transform/spans.error_mode":
        "The default would let through what a statement fails on.",
      "receivers.file_log/lines.retry_on_failure":
        "Off by default: lines that the memory limiter refuses would be lost.",
      "exporters.otlp_grpc/tempo.retry_on_failure.max_elapsed_time":
        "For ever. The default gives up after five minutes, also what is in the queue on disk.",
      "exporters.otlp_grpc/tempo.sending_queue.batch":
        "Here and not in the batch processor, which would acknowledge what it holds in memory.",
      ...(hasMetrics(contracts)
        ? {
            "exporters.otlp_http/prometheus.retry_on_failure":
              "They are sums: the next that come hold those that are given up.",
          }
        : {}),
    },
  });
}

/** Whether any of the services measures anything. */
export function hasMetrics(contracts: readonly Contract[]): boolean {
  return contracts.some(({ metrics = {} }) => Object.keys(metrics).length > 0);
}

/** `miniserve and checkout` */
export function serviceNames(contracts: readonly Contract[]): string {
  return contracts.map(getServiceName).join(" and ");
}

/** Whose lines the log file has: the first service that writes any. */
function getLogging(contracts: readonly Contract[]): Contract {
  const [first, ...more] = contracts;
  const found = [first, ...more].find(
    (contract) => Object.keys(contract?.logEvents ?? {}).length > 0,
  );
  const logging = found ?? first;
  if (logging === undefined) {
    throw new RangeError("A pipeline is made for one service or more.");
  }
  return logging;
}

/** What the environment may set: nothing about metrics where there are none. */
function settingsFor(contracts: readonly Contract[]): Readonly<Record<string, FileSetting>> {
  const { prometheus, ...others } = createCollectorSettings(getServiceName(getLogging(contracts)));
  return hasMetrics(contracts) ? { ...others, prometheus } : others;
}

/** The configuration itself. */
export function collectorConfig(contracts: readonly Contract[]): CollectorConfig {
  const settings = createCollectorSettings(getServiceName(getLogging(contracts)));
  return {
    extensions: {
      health_check: { endpoint: inCollector(settings.health) },
      [queue]: storageIn(settings.dataDirectory, "queue"),
      [offsets]: storageIn(settings.dataDirectory, "offsets"),
    },
    receivers: {
      otlp: {
        protocols: {
          grpc: { endpoint: inCollector(settings.otlpGrpc) },
          http: { endpoint: inCollector(settings.otlpHttp) },
        },
      },
      "file_log/lines": fileLog(getLogging(contracts), settings.logFiles),
    },
    processors: {
      memory_limiter: { check_interval: "1s", limit_mib: 256, spike_limit_mib: 64 },
      "filter/links": {
        error_mode: "propagate",
        traces: { span: [...droppedSpans, ...droppedSenders(contracts)] },
      },
      "transform/spans": {
        error_mode: "propagate",
        trace_statements: escaped(spanStatements(contracts)),
      },
      ...(hasMetrics(contracts) ? metricProcessors(contracts) : {}),
      "transform/lines": {
        error_mode: "propagate",
        log_statements: escaped(lineStatements(contracts)),
      },
    },
    exporters: {
      "otlp_grpc/tempo": {
        endpoint: inCollector(settings.tempo),
        tls: { insecure: true },
        ...delivery({ minItems: 512, maxItems: 2048 }),
      },
      "otlp_http/loki": {
        endpoint: inCollector(settings.loki),
        ...delivery({ minItems: 64, maxItems: 1024 }),
      },
      ...(hasMetrics(contracts)
        ? {
            "otlp_http/prometheus": {
              endpoint: inCollector(settings.prometheus),
              retry_on_failure: { max_elapsed_time: "60s" },
              sending_queue: { queue_size: 100 },
            },
          }
        : {}),
    },
    service: {
      telemetry: { metrics: ownMetrics(settings) },
      extensions: ["health_check", queue, offsets],
      pipelines: {
        traces: {
          receivers: ["otlp"],
          processors: ["memory_limiter", "filter/links", "transform/spans"],
          exporters: ["otlp_grpc/tempo"],
        },
        ...(hasMetrics(contracts)
          ? {
              metrics: {
                receivers: ["otlp"],
                processors: ["memory_limiter", "filter/metrics", "transform/metrics"],
                exporters: ["otlp_http/prometheus"],
              },
            }
          : {}),
        logs: {
          receivers: ["file_log/lines"],
          processors: ["memory_limiter", "transform/lines"],
          exporters: ["otlp_http/loki"],
        },
      },
    },
  };
}

function metricProcessors(contracts: readonly Contract[]) {
  return {
    "filter/metrics": {
      error_mode: "propagate",
      metrics: { metric: droppedMetrics(contracts), datapoint: droppedPoints },
    },
    "transform/metrics": {
      error_mode: "propagate",
      metric_statements: escaped(metricStatements(contracts)),
    },
  } as const;
}

/** Where the Collector tells of itself. */
export function ownMetrics({
  metricsHost,
  metricsPort,
}: Pick<ReturnType<typeof createCollectorSettings>, "metricsHost" | "metricsPort">): OwnMetrics {
  const prometheus = {
    host: inCollector(metricsHost),
    port: inCollector(metricsPort),
    without_scope_info: true,
    without_type_suffix: true,
    without_units: true,
  } as const;
  return { level: "normal", readers: [{ pull: { exporter: { prometheus } } }] };
}

/** A folder below the one for data, made when there is none. */
export function storageIn(dataDirectory: FileSetting, folder: string): object {
  return { directory: `${inCollector(dataDirectory)}/${folder}`, create_directory: true };
}

/** Nothing in a file says who wrote it, so the lines have the contract's defaults for their source. */
function fileLog(
  { resource }: Contract,
  files: FileSetting,
): CollectorConfig["receivers"]["file_log/lines"] {
  const source = Object.entries(resource.attributes).flatMap(([identifier, { key }]) => {
    const value = resource.defaults[identifier];
    return value === undefined ? [] : [[key, value]];
  });
  return {
    include: [inCollector(files)],
    storage: offsets,
    start_at: "beginning",
    include_file_name: false,
    retry_on_failure: { enabled: true, max_elapsed_time: "0s" },
    resource: Object.fromEntries(source),
    operators: escaped(lineOperators),
  };
}

/** On disk until it is taken: what was acknowledged survives a kill and an outage of any length. */
export function delivery({ minItems, maxItems }: { minItems: number; maxItems: number }): Delivery {
  return {
    retry_on_failure: { initial_interval: "500ms", max_interval: "5s", max_elapsed_time: "0s" },
    sending_queue: {
      storage: queue,
      queue_size: 5000,
      batch: { flush_timeout: "200ms", min_size: minItems, max_size: maxItems },
    },
  };
}

/** The Collector takes a dollar for the begin of a variable; two are one. */
function escaped<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value).replaceAll("$", "$$$$"));
}
