/** The traces that were found last in this tab, so that the page of one leads to the next. */
export interface ResultList {
  /** What found them, for a person. */
  readonly title: string;
  /** The page that shows them. */
  readonly href: string;
  readonly traceIds: readonly string[];
}

const storedAs = "miniserve-viewer-results";

export function keepResultList(list: ResultList): void {
  try {
    sessionStorage.setItem(storedAs, JSON.stringify(list));
  } catch {
    // Without storage a trace's page leads to no other.
  }
}

/** The list with this trace in it, if the last one has it. */
export function resultListWith(traceId: string): ResultList | undefined {
  try {
    const list = JSON.parse(sessionStorage.getItem(storedAs) ?? "null") as ResultList | null;
    return list?.traceIds.includes(traceId) === true ? list : undefined;
  } catch {
    return undefined;
  }
}
