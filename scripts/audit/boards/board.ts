import type { Path, TextDocument } from "../documents/text-document.ts";
import type { BoardVariable } from "./board-variable.ts";

/** How a query is written, and to whom. */
export type QueryForm =
  | "traceql"
  | "promql"
  /** Of a variable: `label_values(…)`. */
  | "prometheus variable"
  /** Of a variable: an attribute whose values are listed. */
  | "tempo variable";

export interface BoardQuery {
  readonly refId: string;
  /** A form, or why it is not judged. */
  readonly form: QueryForm | { readonly notJudged: string };
  readonly text: string;
  /** Where the text stands in the document; nowhere when it was put together here. */
  readonly path?: Path;
  /** Where the names of attributes stand alone, by the name. */
  readonly tags?: readonly { readonly tag: string; readonly path: Path }[];
}

export interface BoardPanel {
  readonly what: "panel" | "variable" | "annotation" | "alert rule" | "recording rule";
  readonly title: string;
  readonly path: Path;
  readonly queries: readonly BoardQuery[];
  /** Why it is not judged although it is there: a text, a row. */
  readonly notJudged?: string;
  /** What is wrong with the panel itself. */
  readonly unreadable?: string;
}

/** A dashboard, a file of rules, or a library panel: what one document says. */
export interface Board {
  readonly kind: "dashboard" | "alert rules" | "library panel";
  readonly title: string;
  readonly document: TextDocument;
  readonly panels: readonly BoardPanel[];
  readonly variables: ReadonlyMap<string, BoardVariable>;
  /** Metrics that its own rules record. */
  readonly records: readonly string[];
}

/** What a file does not say, and a Grafana does. */
export interface Surroundings {
  /** The type of a datasource, by its uid and by its name. */
  readonly datasourceTypes: ReadonlyMap<string, string>;
  /** Library panels by their uid. */
  readonly libraryPanels: ReadonlyMap<string, unknown>;
}

export const noSurroundings: Surroundings = {
  datasourceTypes: new Map(),
  libraryPanels: new Map(),
};
