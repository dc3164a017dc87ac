import {
  collectorImage,
  confined,
  gatewayConfigName,
  gatewayName,
  headlessName,
  tlsSecret,
  tokenSecret,
} from "./names.ts";

const labels = { "app.kubernetes.io/name": gatewayName };

/** The gateways, each with a disk of its own for what it has decided to keep. */
export function gatewayObjects(): object[] {
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: headlessName, labels },
      spec: { clusterIP: "None", selector: labels, ports: [{ name: "otlp", port: 4317 }] },
    },
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: gatewayName, labels },
      spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
    },
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: gatewayName, labels },
      spec: {
        replicas: 2,
        serviceName: headlessName,
        podManagementPolicy: "Parallel",
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: podSpec },
        volumeClaimTemplates: [
          {
            metadata: { name: "data" },
            spec: {
              accessModes: ["ReadWriteOnce"],
              resources: { requests: { storage: "10Gi" } },
            },
          },
        ],
      },
    },
  ];
}

const podSpec = {
  // At its end it decides about all that waits, and sends what it keeps.
  terminationGracePeriodSeconds: 60,
  securityContext: confined.pod,
  containers: [
    {
      name: "gateway",
      image: collectorImage,
      args: ["--config=/etc/otelcol/config/collector-gateway.yaml"],
      ports: [
        { name: "otlp", containerPort: 4317 },
        { name: "health", containerPort: 13133 },
        { name: "metrics", containerPort: 8888 },
      ],
      readinessProbe: { httpGet: { path: "/", port: "health" }, periodSeconds: 5 },
      livenessProbe: { httpGet: { path: "/", port: "health" }, periodSeconds: 10 },
      resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { memory: "2Gi" } },
      securityContext: confined.container,
      volumeMounts: [
        { name: "config", mountPath: "/etc/otelcol/config", readOnly: true },
        { name: "tls", mountPath: "/etc/otelcol/tls", readOnly: true },
        { name: "token", mountPath: "/etc/otelcol/token", readOnly: true },
        { name: "data", mountPath: "/var/lib/otelcol" },
      ],
    },
  ],
  volumes: [
    { name: "config", configMap: { name: gatewayConfigName } },
    { name: "tls", secret: { secretName: tlsSecret } },
    { name: "token", secret: { secretName: tokenSecret } },
  ],
};
