import { z } from "zod";
import {
  createListSchema,
  isHostName,
  isOrigin,
  onOff,
  port,
  type Setting,
  wholeNumber,
} from "./read-settings.ts";
import { serverSettings } from "./server-settings.ts";

function portSetting(usual: number, brief: string) {
  return { schema: port(1), default: String(usual), takes: "a port from 1 to 65535", brief };
}

/** The settings of the stack's own commands, the store and the viewer. */
export const stackSettings = {
  TEMPO_PORT: portSetting(3200, "The port of Tempo's API."),
  OTLP_GRPC_PORT: portSetting(4317, "The port for spans over gRPC."),
  OTLP_HTTP_PORT: portSetting(4318, "The port for spans over HTTP."),
  GRAFANA_PORT: portSetting(3000, "The port of the dashboards, in the viewer or in Grafana."),
  LOKI_PORT: portSetting(3100, "In containers only: the port of Loki."),
  PROMETHEUS_PORT: portSetting(9090, "In containers only: the port of Prometheus."),
  COLLECTOR_HEALTH_PORT: portSetting(
    13_133,
    "In containers only: the port of the Collector's health check.",
  ),
  TEMPO_PURPOSE: {
    schema: z.enum(["development", "production"]),
    default: "development",
    takes: "development or production",
    brief: "In containers only: which of Tempo's configuration files is used.",
  },
  MINISERVE_CONFIG: {
    schema: z.string().min(1),
    default: "miniserve.config.ts",
    takes: "a file",
    brief: "The configuration that names the services. --config FILE names it for one command.",
  },
  STACK_DIR: {
    schema: z.string().min(1),
    default: ".stack",
    takes: "a folder",
    brief: "The folder of the stack's state, data and output.",
  },
  STACK_ALLOWED_HOSTS: {
    schema: createListSchema(isHostName),
    default: "",
    takes: "host names without ports, such as host.docker.internal, separated by commas",
    brief: "Host names that clients may use for the store and the viewer, besides loopback's.",
  },
  STACK_ALLOWED_ORIGINS: {
    schema: createListSchema(isOrigin),
    default: "",
    takes: "origins such as https://app.example, separated by commas",
    brief:
      "Origins of web pages that may call the store and the viewer, or send spans over HTTP. None by default.",
  },
  STACK_ALLOW_LIST: {
    schema: onOff,
    default: "off",
    takes: "on or off",
    brief: "on: the store keeps only those parts of the server's spans that the contract declares.",
  },
  STACK_TEXT_LIMIT_BYTES: {
    schema: wholeNumber(64, 999_999_999),
    default: "65536",
    takes: "a whole number from 64",
    brief: "Longer names, keys and values of spans are cut.",
  },
  STACK_QUERY_LIMIT_MS: {
    schema: wholeNumber(100, 999_999_999),
    default: "30000",
    takes: "milliseconds from 100",
    brief: "The store ends queries that take longer.",
  },
  STACK_METRICS_RANGE_HOURS: {
    schema: wholeNumber(1, 999_999_999),
    default: "24",
    takes: "hours from 1",
    brief: "The longest range of a metrics query; Tempo's is 24.",
  },
  STACK_KEEP_HOURS: {
    schema: wholeNumber(0, 999_999_999),
    default: "168",
    takes: "hours, 0 for no limit",
    brief: "Spans that started longer ago are deleted.",
  },
  STACK_SIZE_LIMIT_MIB: {
    schema: wholeNumber(0, 999_999_999),
    default: "2048",
    takes: "MiB, 0 for no limit",
    brief: "If the store's file uses more, the oldest spans are deleted.",
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** Server settings that the stack reads too. */
export const sharedSettings = {
  MINISERVE_HOST: serverSettings.MINISERVE_HOST,
  MINISERVE_PORT: {
    ...serverSettings.MINISERVE_PORT,
    schema: port(1),
    takes: "a port from 1 to 65535",
  },
  MINISERVE_API_KEY: serverSettings.MINISERVE_API_KEY,
  MINISERVE_LOG_FILE: serverSettings.MINISERVE_LOG_FILE,
  MINISERVE_SHUTDOWN_LIMIT_MS: serverSettings.MINISERVE_SHUTDOWN_LIMIT_MS,
} as const satisfies Readonly<Record<string, Setting>>;
