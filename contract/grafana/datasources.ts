/** The uids of the datasources: panels, links and alerts name them, and provisioning makes them. */
export const datasourceUids = {
  tempo: "tempo",
  loki: "loki",
  prometheus: "prometheus",
} as const;
