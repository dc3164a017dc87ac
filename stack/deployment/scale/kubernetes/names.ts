import { images } from "../../compose/images.ts";

/** Names that several objects use, and what all containers have in common. */
export const collectorImage = images.collector;
export const agentConfigName = "collector-agent";
export const gatewayConfigName = "collector-gateway";
export const gatewayName = "collector-gateway";
/** The service whose addresses are those of all gateways. */
export const headlessName = "collector-gateway-headless";
/** `tls.crt`, `tls.key` and `ca.crt` of the gateways. */
export const tlsSecret = "collector-gateway-tls";
/** `token`, the word by which gateways know agents. */
export const tokenSecret = "collector-token";
/** Where agents send lines and metrics, if it is not the default. */
export const agentSettingsName = "collector-agent-settings";

const user = 10001;

/** Nobody in particular, who may change nothing but the volumes. */
export const confined = {
  pod: {
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: user,
    fsGroup: user,
    seccompProfile: { type: "RuntimeDefault" },
  },
  container: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
} as const;
