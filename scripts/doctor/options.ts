import { type CommandCall, serviceOptions } from "../../stack/index.ts";
import { options as provisionOptions } from "../provision/arguments.ts";

const {
  grafana,
  folder,
  "token-env": tokenEnv,
  "headers-env": headersEnv,
  "tempo-uid": tempoUid,
  "loki-uid": lokiUid,
  "prometheus-uid": prometheusUid,
} = provisionOptions;

export const options = {
  ...serviceOptions,
  tempo: { type: "string", value: "URL", does: "Tempo's API, if not that of the running stack." },
  since: {
    type: "string",
    value: "DURATION",
    does: "How far back to look for spans: 30m, 6h, 2d (24h).",
  },
  "log-file": { type: "string", value: "FILE", does: "The server's log file." },
  grafana: { ...grafana, does: "A Grafana to look at too, with its path (GRAFANA_URL)." },
  "token-env": tokenEnv,
  "headers-env": headersEnv,
  folder,
  "tempo-uid": tempoUid,
  "loki-uid": lokiUid,
  "prometheus-uid": prometheusUid,
} as const;

export type DoctorOptions = CommandCall<typeof options>["options"];
