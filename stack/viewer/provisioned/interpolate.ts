/** What `$NAME` stands for in provisioning files. */
export type Variables = Readonly<Record<string, string>>;

/**
 * A document of a provisioning file with its variables replaced as Grafana does: `$NAME` and `${NAME}`
 * in every text, `$$` for a dollar, nothing for a variable that is not set.
 */
export function interpolate(document: unknown, variables: Variables): unknown {
  if (typeof document === "string") {
    return document.replaceAll(/\$\$|\$\{(\w+)\}|\$(\w+)/g, (whole, braced, bare) =>
      whole === "$$" ? "$" : (variables[braced ?? bare] ?? ""),
    );
  }
  if (Array.isArray(document)) {
    return document.map((entry) => interpolate(entry, variables));
  }
  if (typeof document === "object" && document !== null) {
    return Object.fromEntries(
      Object.entries(document).map(([key, value]) => [key, interpolate(value, variables)]),
    );
  }
  return document;
}
