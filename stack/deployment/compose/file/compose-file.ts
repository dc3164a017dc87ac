import { type Contract, type GeneratedFile, serviceNameOf } from "#contract";
import { settingsPrefixOf } from "../../../server-variables.ts";
import { yamlFile } from "../../pipeline/yaml-file.ts";
import type { ComposeFile, ComposeService } from "./model.ts";
import {
  collectorService,
  foldersService,
  grafanaService,
  lokiService,
  prometheusService,
  serverService,
  tempoService,
} from "./services.ts";

/** What the file reads of the environment; `stack:up` sets all of it. */
const settings = [
  ["TEMPO_PURPOSE", "development", "Which of Tempo's files: development or production."],
  ["STACK_USER", "10001:10001", "Who the Collector is: the owner of the log."],
  ["LOG_DIRECTORY", "../../../logs", "The folder of the server's log."],
  ["LOG_FILE_NAME", "", "The name of the log, without .log; that of the service by default."],
  ["GRAFANA_PORT", "3000", "Ports of this machine: of Grafana,"],
  ["TEMPO_PORT", "3200", "of Tempo's API,"],
  ["OTLP_GRPC_PORT", "4317", "of the Collector for spans over gRPC"],
  ["OTLP_HTTP_PORT", "4318", "and over HTTP,"],
  ["COLLECTOR_HEALTH_PORT", "13133", "and for its health,"],
  ["LOKI_PORT", "3100", "of Loki,"],
  ["PROMETHEUS_PORT", "9090", "of Prometheus,"],
] as const;
const serverPort = ["8080", "and of the server in its container."] as const;

/** The stack in containers, for Docker Compose and whatever else reads the Compose specification. */
export function composeFile(contract: Contract): GeneratedFile {
  const name = serviceNameOf(contract);
  const all = [...settings, [`${settingsPrefixOf(name)}_PORT`, ...serverPort] as const];
  const services = {
    folders: foldersService(),
    tempo: tempoService(),
    loki: lokiService(),
    prometheus: prometheusService(),
    collector: collectorService(contract),
    grafana: grafanaService(),
    server: serverService(contract),
  };
  const content: ComposeFile = {
    name,
    services,
    volumes: Object.fromEntries(volumesOf(Object.values(services)).map((name) => [name, {}])),
    networks: { stack: {} },
  };
  return yamlFile({
    name: "compose/compose.yaml",
    source: "contract/ and stack/deployment/compose/",
    meaning: [
      "The stack in containers: the Collector, Tempo, Loki, Prometheus and Grafana.",
      "npm run stack:up -- --driver compose starts it, with the server on this machine.",
      "By hand, in the checkout's folder, with the server in a container too:",
      "  mkdir -p logs && docker compose -f stack/generated/compose/compose.yaml --profile server up --detach",
      "",
    ],
    settings: Object.fromEntries(
      all.map(([variable, fallback, meaning]) => [
        variable,
        { variable, default: fallback, meaning },
      ]),
    ),
    content,
    reasons: {
      "services.collector.volumes": "The server's log, of this machine and of its container.",
      "services.tempo.restart":
        "Whatever its exit code: Tempo ends with 0 when a part of it fails.",
      "services.tempo.stop_grace_period": "Asked to stop after queries, Tempo may hang.",
      "services.grafana.environment.GF_USERS_VIEWERS_CAN_EDIT":
        "Opens Explore, where saved queries lead to. Viewers still save nothing.",
      "services.grafana.environment.GF_SERVER_ENFORCE_DOMAIN":
        "A page of another name that leads to this machine is sent away.",
      "services.folders.user":
        "Root, for a moment, with two rights and no network: the images of the others have no shell.",
    },
  });
}

function volumesOf(services: readonly ComposeService[]): string[] {
  const mounts = services.flatMap(({ volumes }) => volumes);
  const names = mounts.flatMap((mount) => (mount.type === "volume" ? [mount.source] : []));
  return [...new Set(names)].toSorted();
}
