/** What of Tempo's API the page may ask: what it reads with, and nothing of its administration. */
const plainPaths: ReadonlySet<string> = new Set([
  "/api/echo",
  "/api/status/buildinfo",
  "/api/search",
  "/api/search/tags",
  "/api/v2/search/tags",
  "/api/metrics/query",
  "/api/metrics/query_range",
]);

const tracePath = /^(\/api\/(?:v2\/)?traces\/)([0-9a-f]{1,32})$/i;
const tagValuesPath = /^(\/api\/(?:v2\/)?search\/tag\/)([^/]+)(\/values)$/;

/**
 * What Tempo is asked for a request of a page: made anew of what was understood, so that nothing of what
 * the page wrote reaches it, however that is spelled. Undefined for what is not on the list.
 * @param path undecoded; @param query with its question mark, or empty.
 */
export function tempoRequestOf(path: string, query: string): string | undefined {
  const known = knownPathOf(path);
  const parameters = new URLSearchParams(query).toString();
  return known === undefined || parameters === "" ? known : `${known}?${parameters}`;
}

function knownPathOf(path: string): string | undefined {
  if (plainPaths.has(path)) {
    return path;
  }
  const [, beforeId, id] = tracePath.exec(path) ?? [];
  if (beforeId !== undefined && id !== undefined) {
    return `${beforeId.toLowerCase()}${id}`;
  }
  const [, before, encoded = "", behind] = tagValuesPath.exec(path) ?? [];
  const name = nameOf(encoded);
  return name === undefined ? undefined : `${before}${encodeURIComponent(name)}${behind}`;
}

/**
 * The name of an attribute, decoded once. One that would be a path, a query or an escape to whoever decodes
 * it again, or that a server on the way may take for one, is none.
 */
function nameOf(encoded: string): string | undefined {
  let name: string;
  try {
    name = decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
  const isUnclear = /[\p{Cc}\\%?#;]/u.test(name);
  const isPath = name.split("/").some((part) => /^\.*$/.test(part));
  return isUnclear || isPath ? undefined : name;
}
