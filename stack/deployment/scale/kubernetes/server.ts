import { type Contract, serviceNameOf } from "#contract";
import { settingsPrefixOf } from "../../../server-variables.ts";
import { keepsLinesThroughKill } from "../../pipeline/collector/log-lines.ts";
import {
  agentConfigName,
  agentSettingsName,
  collectorImage,
  confined,
  tlsSecret,
  tokenSecret,
} from "./names.ts";

const port = 8080;

/** Several servers behind one service, each with its agent. */
export function serverObjects(contract: Contract): object[] {
  const service = serviceNameOf(contract);
  const labels = { "app.kubernetes.io/name": service };
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: service, labels },
      spec: {
        selector: labels,
        // A conversation finds the prefix of its last turn in the cache of the server that it was with.
        sessionAffinity: "ClientIP",
        ports: [{ name: "http", port, targetPort: "http" }],
      },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: service, labels },
      spec: {
        replicas: 3,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: podOf(service) },
      },
    },
  ];
}

function podOf(service: string): object {
  return {
    // What runs may finish, and what was sent reach a gateway.
    terminationGracePeriodSeconds: 60,
    securityContext: confined.pod,
    initContainers: [agentOf(service)],
    containers: [serverOf(service)],
    volumes: [
      { name: "models", emptyDir: {} },
      { name: "indexes", emptyDir: {} },
      { name: "logs", emptyDir: { sizeLimit: "200Mi" } },
      { name: "agent-data", emptyDir: { sizeLimit: "1Gi" } },
      { name: "agent-config", configMap: { name: agentConfigName } },
      {
        name: "gateway-ca",
        secret: { secretName: tlsSecret, items: [{ key: "ca.crt", path: "ca.crt" }] },
      },
      { name: "gateway-token", secret: { secretName: tokenSecret } },
    ],
  };
}

function serverOf(service: string): object {
  const prefix = settingsPrefixOf(service);
  // The server answers to its own names only, so a probe must say one of them.
  const asked = (path: string) => ({
    httpGet: { path, port: "http", httpHeaders: [{ name: "Host", value: "localhost" }] },
  });
  return {
    name: service,
    image: service,
    ports: [{ name: "http", containerPort: port }],
    env: [
      { name: `${prefix}_HOST`, value: "0.0.0.0" },
      { name: `${prefix}_ALLOWED_HOSTS`, value: service },
      { name: `${prefix}_LOG_FILE`, value: `/logs/${service}.log` },
      { name: `${prefix}_MODELS_DIRECTORY`, value: "/models" },
      { name: `${prefix}_INDEXES_DIRECTORY`, value: "/indexes" },
      {
        name: `${prefix}_API_KEY`,
        valueFrom: { secretKeyRef: { name: `${service}-api-key`, key: "key" } },
      },
      { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "http://127.0.0.1:4317" },
    ],
    startupProbe: { ...asked("/readyz"), periodSeconds: 5, failureThreshold: 60 },
    readinessProbe: { ...asked("/readyz"), periodSeconds: 5 },
    livenessProbe: { ...asked("/healthz"), periodSeconds: 10, failureThreshold: 6 },
    resources: { requests: { cpu: "2", memory: "1Gi" }, limits: { memory: "2Gi" } },
    securityContext: confined.container,
    volumeMounts: [
      { name: "models", mountPath: "/models" },
      { name: "indexes", mountPath: "/indexes" },
      { name: "logs", mountPath: "/logs" },
    ],
  };
}

/** It starts before the server and ends after it, so that the last spans are taken. */
function agentOf(service: string): object {
  return {
    name: "agent",
    image: collectorImage,
    restartPolicy: "Always",
    args: ["--config=/etc/otelcol/config/collector-agent.yaml", keepsLinesThroughKill],
    env: [
      { name: "COLLECTOR_LOG_FILES", value: `/logs/${service}*.log` },
      { name: "COLLECTOR_HEALTH", value: "0.0.0.0:13133" },
      { name: "COLLECTOR_METRICS_HOST", value: "0.0.0.0" },
    ],
    envFrom: [{ configMapRef: { name: agentSettingsName, optional: true } }],
    ports: [{ name: "agent-metrics", containerPort: 8888 }],
    startupProbe: { httpGet: { path: "/", port: 13133 }, periodSeconds: 2, failureThreshold: 30 },
    resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "384Mi" } },
    securityContext: confined.container,
    volumeMounts: [
      { name: "agent-config", mountPath: "/etc/otelcol/config", readOnly: true },
      { name: "gateway-ca", mountPath: "/etc/otelcol/tls", readOnly: true },
      { name: "gateway-token", mountPath: "/etc/otelcol/token", readOnly: true },
      { name: "agent-data", mountPath: "/var/lib/otelcol" },
      { name: "logs", mountPath: "/logs", readOnly: true },
    ],
  };
}
