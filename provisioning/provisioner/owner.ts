/**
 * How what we make is told from what others make. The name of the service is part of it, so that two
 * contracts can be in one Grafana without removing each other's objects.
 */
export interface Owner {
  readonly service: string;
  /** On dashboards. */
  readonly tag: string;
  /** In a datasource's `jsonData` and among a rule's annotations. */
  readonly field: string;
  /** Before the id of a saved query, in the history of queries. */
  readonly queryPrefix: string;
}

export function createOwner(service: string): Owner {
  return {
    service,
    tag: `provisioned-by:${service}`,
    field: "provisioned_by",
    queryPrefix: `${service}/`,
  };
}
