import type { DashboardJson, PanelJson } from "./dashboard.ts";

/** What `npm run dashboards:preview` tells the pages that are open. */

/** Why what was saved cannot be shown, or is not sound. */
export interface PreviewProblem {
  /** syntax: it cannot be read. generation: running it failed. types: the compiler refuses it. */
  readonly kind: "syntax" | "generation" | "types";
  readonly message: string;
  /** From the root of the project; undefined where no place is known. */
  readonly file: string | undefined;
  /** From 1. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** The line of the source. */
  readonly source: string | undefined;
}

export interface PreviewNews {
  /** Grows whenever other dashboards or datasources are shown. */
  readonly generation: number;
  readonly problems: readonly PreviewProblem[];
  /** Whether the compiler is still looking at what is shown. */
  readonly isChecking: boolean;
  /** For how many seconds it has been generating, when that is long. */
  readonly slowSeconds?: number | undefined;
  /** Generated files on disk that are not what is shown, as long as they are not written anew. */
  readonly filesDue: readonly string[];
}

export interface PreviewState extends PreviewNews {
  /** Of the page's script as it is now: that of an open page has the contract of its own time. */
  readonly pageDigest: string;
}

/**
 * A dashboard that was loaded again, with those of its panels that are as before being the very same
 * objects: what was made of them need not be made anew.
 */
export function withUnchangedPanels(
  before: DashboardJson | undefined,
  after: DashboardJson,
): DashboardJson {
  return after.panels === undefined
    ? after
    : { ...after, panels: unchangedPanels(before?.panels ?? [], after.panels) };
}

function unchangedPanels(before: readonly PanelJson[], after: readonly PanelJson[]): PanelJson[] {
  const known = new Map(before.map((panel) => [JSON.stringify(panel), panel]));
  const byId = new Map(before.map((panel) => [panel.id, panel]));
  return after.map((panel) => {
    const same = known.get(JSON.stringify(panel));
    if (same !== undefined || panel.panels === undefined) {
      return same ?? panel;
    }
    const inside = byId.get(panel.id)?.panels ?? [];
    return { ...panel, panels: unchangedPanels(inside, panel.panels) };
  });
}
