/** Where the datasources of a type are: one that Grafana has already, or the address of a new one. */
export type DatasourceChoice = { readonly uid: string } | { readonly url: string };

/** What was chosen, by type: `tempo`, `loki`, `prometheus`. */
export type DatasourceChoices = Readonly<Record<string, DatasourceChoice | undefined>>;

/**
 * A value with other uids of datasources, wherever one is referred to: in references, in the fields that
 * end in `datasourceUid`, and inside links to Explore. Only these: a panel or a rule may be called the same.
 */
export function withUids<Value>(value: Value, uids: ReadonlyMap<string, string>): Value {
  return uids.size === 0 ? value : (replaced(value, uids) as Value);
}

function replaced(value: unknown, uids: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") {
    return withUidsInLinks(value, uids);
  }
  if (Array.isArray(value)) {
    return value.map((item) => replaced(item, uids));
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const isReference =
        key === "datasourceUid" || (key === "uid" && "type" in value && !("title" in value));
      const other = isReference && typeof item === "string" ? uids.get(item) : undefined;
      return [key, other ?? replaced(item, uids)];
    }),
  );
}

/** Links to Explore carry their query as encoded JSON. */
function withUidsInLinks(text: string, uids: ReadonlyMap<string, string>): string {
  if (!text.includes("/explore?")) {
    return text;
  }
  return text.replaceAll(
    /(%22(?:datasource|uid|datasourceUid)%22%3A%22)([\w-]+)(%22)/g,
    (whole, before: string, uid: string, after: string) => {
      const other = uids.get(uid);
      return other === undefined ? whole : `${before}${other}${after}`;
    },
  );
}
