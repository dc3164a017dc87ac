/**
 * Labels that whoever collects the metrics usually puts on: no program declares them, and its own
 * `/metrics` does not have them.
 */
const targetLabels = new Set(
  [
    "job instance cluster namespace pod pod_name container container_name service endpoint node",
    "nodename hostname host env environment region zone availability_zone team project stack",
    "prometheus prometheus_replica replica app app_kubernetes_io_name exported_job exported_instance",
    "exported_namespace exported_pod exported_service tenant k8s_cluster_name k8s_namespace_name",
    "k8s_pod_name",
  ].flatMap((line) => line.split(" ")),
);

export function isTargetLabel(name: string): boolean {
  return targetLabels.has(name);
}
