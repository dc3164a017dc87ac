import { type Contract, serviceNameOf } from "#contract";
import { settingsPrefixOf } from "../../../server-variables.ts";
import { keepsLinesThroughKill } from "../../pipeline/collector/log-lines.ts";
import {
  collectorSettingsOf,
  type FileSetting,
  tempoSettings,
} from "../../pipeline/environment.ts";
import { images } from "../images.ts";
import { containerPorts as port } from "../ports.ts";
import type { ComposeService } from "./model.ts";
import { fromHost, healthcheck, published, service, volume } from "./parts-of-service.ts";

/** Of the images of Tempo, Loki and the Collector. */
const nobody = "10001:10001";
/** Who wrote the log on this machine can read it. */
const logOwner = `\${STACK_USER:-${nobody}}`;
/** As the Dockerfile has it. */
const serverGroup = "1000";
const serverUser = `1000:${serverGroup}`;
const network = ["stack"];
/** From `stack/generated/compose/`. */
const generated = "..";
const checkout = "../../..";

/**
 * The values of the variables that a configuration reads.
 * @throws RangeError naming one for which there is none here.
 */
function environmentOf(
  settings: Readonly<Record<string, FileSetting>>,
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.values(settings).map(({ variable }) => {
      const value = values[variable];
      if (value === undefined) {
        throw new RangeError(`Nothing in containers sets ${variable}.`);
      }
      return [variable, value];
    }),
  );
}

/** The volumes whose folder is not in the image of who writes there, which would make it its own. */
const owners = {
  collector: logOwner,
  tempo: nobody,
  loki: nobody,
  models: serverUser,
  "server-logs": serverUser,
};

/** Prepares the folders of those that cannot do it themselves, and ends. */
export function foldersService(): ComposeService {
  return service({
    image: images.folders,
    // The one that is root, for a moment, with these rights and without a network.
    user: "0:0",
    cap_add: ["CHOWN", "DAC_READ_SEARCH"],
    network_mode: "none",
    command: [
      "sh",
      "-euc",
      Object.entries(owners)
        // The log's owner may be another than at the last start: then the Collector could not read its queue.
        .map(([name, owner]) =>
          owner === logOwner
            ? `chown -R ${owner} /volumes/${name}`
            : `chown ${owner} /volumes/${name}`,
        )
        .join("; "),
    ],
    volumes: Object.keys(owners).map((name) => volume(name, `/volumes/${name}`)),
    restart: "no",
    stop_grace_period: "5s",
    mem_limit: "32m",
  });
}

/** Its image has no program that could ask its health: stack:up asks it from outside. */
export function collectorService(contract: Contract): ComposeService {
  const name = serviceNameOf(contract);
  const values = {
    COLLECTOR_OTLP_GRPC: `0.0.0.0:${port.otlpGrpc}`,
    COLLECTOR_OTLP_HTTP: `0.0.0.0:${port.otlpHttp}`,
    COLLECTOR_HEALTH: `0.0.0.0:${port.collectorHealth}`,
    COLLECTOR_METRICS_HOST: "0.0.0.0",
    COLLECTOR_METRICS_PORT: String(port.collectorMetrics),
    COLLECTOR_DATA_DIR: "/var/lib/otelcol",
    COLLECTOR_LOG_FILES: `/var/log/server/*/\${LOG_FILE_NAME:-${name}}*.log`,
    TEMPO_OTLP: `tempo:${port.otlpGrpc}`,
    LOKI_OTLP: `http://loki:${port.loki}/otlp`,
    PROMETHEUS_OTLP: `http://prometheus:${port.prometheus}/api/v1/otlp`,
  };
  return service({
    image: images.collector,
    user: logOwner,
    group_add: [serverGroup],
    command: ["--config=/etc/otelcol/collector.yaml", keepsLinesThroughKill],
    environment: environmentOf(collectorSettingsOf(name), values),
    ports: [
      published("OTLP_GRPC_PORT", 4317, port.otlpGrpc),
      published("OTLP_HTTP_PORT", 4318, port.otlpHttp),
      published("COLLECTOR_HEALTH_PORT", 13_133, port.collectorHealth),
    ],
    volumes: [
      fromHost(`${generated}/collector.yaml`, "/etc/otelcol/collector.yaml"),
      fromHost(`\${LOG_DIRECTORY:-${checkout}/logs}`, "/var/log/server/host"),
      volume("server-logs", "/var/log/server/container"),
      volume("collector", "/var/lib/otelcol"),
    ],
    depends_on: {
      folders: { condition: "service_completed_successfully" },
      tempo: { condition: "service_healthy" },
      loki: { condition: "service_started" },
      prometheus: { condition: "service_started" },
    },
    stop_grace_period: "20s",
    mem_limit: "512m",
    networks: network,
  });
}

export function tempoService(): ComposeService {
  const values = {
    TEMPO_HOST: "0.0.0.0",
    TEMPO_PORT: String(port.tempo),
    TEMPO_GRPC_PORT: String(port.tempoGrpc),
    TEMPO_OTLP_GRPC: `0.0.0.0:${port.otlpGrpc}`,
    TEMPO_OTLP_HTTP: `0.0.0.0:${port.otlpHttp}`,
    TEMPO_DATA_DIR: "/var/tempo",
    PROMETHEUS_REMOTE_WRITE: `http://prometheus:${port.prometheus}/api/v1/write`,
  };
  return service({
    image: images.tempo,
    user: nobody,
    command: ["-config.expand-env=true", "-config.file=/etc/tempo/tempo.yaml"],
    environment: environmentOf(tempoSettings, values),
    ports: [published("TEMPO_PORT", 3200, port.tempo)],
    volumes: [
      fromHost(`${generated}/tempo/\${TEMPO_PURPOSE:-development}.yaml`, "/etc/tempo/tempo.yaml"),
      volume("tempo", "/var/tempo"),
    ],
    depends_on: { folders: { condition: "service_completed_successfully" } },
    healthcheck: healthcheck([
      "/tempo",
      "-health",
      `-health.url=http://localhost:${port.tempo}/ready`,
    ]),
    // Asked to stop after queries, Tempo may hang: then it is killed.
    stop_grace_period: "40s",
    mem_limit: "2g",
    networks: network,
  });
}

export function lokiService(): ComposeService {
  return service({
    image: images.loki,
    user: nobody,
    command: ["-config.file=/etc/loki/loki.yaml"],
    ports: [published("LOKI_PORT", 3100, port.loki)],
    volumes: [fromHost("./loki.yaml", "/etc/loki/loki.yaml"), volume("loki", "/loki")],
    depends_on: { folders: { condition: "service_completed_successfully" } },
    healthcheck: healthcheck([
      "/usr/bin/loki",
      "-health",
      `-health.url=http://localhost:${port.loki}/ready`,
    ]),
    stop_grace_period: "30s",
    mem_limit: "1g",
    networks: network,
  });
}

export function prometheusService(): ComposeService {
  return service({
    image: images.prometheus,
    user: "65534:65534",
    command: [
      "--config.file=/etc/prometheus/prometheus.yaml",
      "--storage.tsdb.path=/prometheus",
      "--storage.tsdb.retention.time=15d",
      // Tempo writes what it counts of spans, with exemplars; the Collector writes the server's metrics.
      "--web.enable-remote-write-receiver",
      "--web.enable-otlp-receiver",
      "--enable-feature=exemplar-storage",
    ],
    ports: [published("PROMETHEUS_PORT", 9090, port.prometheus)],
    volumes: [
      fromHost("./prometheus.yaml", "/etc/prometheus/prometheus.yaml"),
      volume("prometheus", "/prometheus"),
    ],
    healthcheck: healthcheck([
      "/bin/promtool",
      "check",
      "ready",
      `--url=http://localhost:${port.prometheus}`,
    ]),
    stop_grace_period: "30s",
    mem_limit: "1g",
    networks: network,
  });
}

export function grafanaService(): ComposeService {
  return service({
    image: images.grafana,
    user: "472:0",
    environment: { ...grafanaAddresses, ...grafanaAccess, ...grafanaHabits },
    ports: [published("GRAFANA_PORT", 3000, port.grafana)],
    volumes: [
      fromHost(`${checkout}/provisioning/generated/grafana`, "/etc/grafana/provisioning"),
      fromHost(`${checkout}/dashboards/generated`, "/etc/grafana/dashboards"),
      volume("grafana", "/var/lib/grafana"),
    ],
    tmpfs: ["/tmp"],
    depends_on: {
      tempo: { condition: "service_healthy" },
      loki: { condition: "service_started" },
      prometheus: { condition: "service_started" },
    },
    healthcheck: healthcheck([
      "curl",
      "--fail",
      "--silent",
      "--output",
      "/dev/null",
      `http://localhost:${port.grafana}/api/health`,
    ]),
    stop_grace_period: "30s",
    mem_limit: "1g",
    networks: network,
  });
}

/** What the provisioning files read. */
const grafanaAddresses = {
  TEMPO_URL: `http://tempo:${port.tempo}`,
  LOKI_URL: `http://loki:${port.loki}`,
  PROMETHEUS_URL: `http://prometheus:${port.prometheus}`,
  DASHBOARDS_PATH: "/etc/grafana/dashboards",
};

/**
 * Nobody signs in. Who looks is a viewer, the only role that Grafana goes on supporting there; that viewers may
 * open Explore, where saved queries lead to, is a setting of its own. They save nothing.
 */
const grafanaAccess = {
  GF_AUTH_ANONYMOUS_ENABLED: "true",
  GF_AUTH_ANONYMOUS_ORG_ROLE: "Viewer",
  GF_USERS_VIEWERS_CAN_EDIT: "true",
  GF_AUTH_BASIC_ENABLED: "false",
  GF_AUTH_DISABLE_LOGIN_FORM: "true",
  GF_USERS_ALLOW_SIGN_UP: "false",
  // A page of another name that leads to this machine is sent away.
  GF_SERVER_DOMAIN: "localhost",
  GF_SERVER_ENFORCE_DOMAIN: "true",
  GF_SERVER_ROOT_URL: `http://localhost:\${GRAFANA_PORT:-3000}/`,
};

const grafanaHabits = {
  GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: "/etc/grafana/dashboards/overview.json",
  GF_ANALYTICS_REPORTING_ENABLED: "false",
  GF_ANALYTICS_CHECK_FOR_UPDATES: "false",
  GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: "false",
  GF_NEWS_NEWS_FEED_ENABLED: "false",
  GF_LOG_LEVEL: "warn",
};

/** The server in a container, with `--profile server`; without it runs on the host. */
export function serverService(contract: Contract): ComposeService {
  const name = serviceNameOf(contract);
  const prefix = settingsPrefixOf(name);
  const [data, logs] = [`/var/lib/${name}`, `/var/log/${name}`];
  return service({
    image: `${name}:local`,
    build: { context: checkout, dockerfile: "Dockerfile" },
    profiles: ["server"],
    user: serverUser,
    environment: {
      [`${prefix}_HOST`]: "0.0.0.0",
      [`${prefix}_PORT`]: String(port.server),
      // Under this name the other containers may call it.
      [`${prefix}_ALLOWED_HOSTS`]: "server",
      [`${prefix}_MODELS_DIRECTORY`]: `${data}/models`,
      [`${prefix}_INDEXES_DIRECTORY`]: `${data}/indexes`,
      [`${prefix}_LOG_FILE`]: `${logs}/${name}.log`,
      // The Collector reads it, as a member of this user's group.
      [`${prefix}_LOG_FILE_MODE`]: "640",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://collector:${port.otlpGrpc}`,
    },
    ports: [published(`${prefix}_PORT`, 8080, port.server)],
    volumes: [volume("models", data), volume("server-logs", logs)],
    tmpfs: ["/tmp"],
    // Without a Collector it keeps its spans for a while, and answers all the same.
    depends_on: { collector: { condition: "service_started" } },
    stop_grace_period: "30s",
    mem_limit: "4g",
    networks: network,
  });
}
