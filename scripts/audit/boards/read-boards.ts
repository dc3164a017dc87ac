import {
  asList,
  asObject,
  asText,
  getMember,
  isObject,
  type JsonObject,
} from "../documents/json-values.ts";
import type { Path, TextDocument } from "../documents/text-document.ts";
import type { Board, Surroundings } from "./board.ts";
import { readClassic, readPanel } from "./classic.ts";
import { readResourceV2 } from "./resource-v2.ts";
import { findRuleGroups, readRuleGroups, readRuleList } from "./rules.ts";

/** What there is to judge in a document: nothing in one of another kind. */
export function readBoards(document: TextDocument, surroundings: Surroundings): Board[] {
  const { value } = document;
  const rules = findRuleGroups(value);
  if (rules !== undefined) {
    return [readRuleGroups(document, rules.groups, rules.path, surroundings)];
  }
  if (Array.isArray(value)) {
    return value.length > 0 && value.every((rule) => Array.isArray(getMember(rule, "data")))
      ? [readRuleList(document, value, surroundings)]
      : [];
  }
  return readDashboard(document, asObject(value), [], surroundings);
}

/** Dashboards come bare, in the answer of an API, or as the spec of a resource. */
function readDashboard(
  document: TextDocument,
  value: JsonObject,
  path: Path,
  surroundings: Surroundings,
): Board[] {
  const { spec, dashboard, model } = value;
  const isResource = asText(value.apiVersion)?.startsWith("dashboard.grafana.app/") === true;
  if (isResource && value.kind === "LibraryPanel") {
    return readLibrary(document, asObject(spec), [...path, "spec"], surroundings);
  }
  if (isResource && isObject(spec)) {
    return readDashboard(document, spec, [...path, "spec"], surroundings);
  }
  if (isObject(dashboard) && path.length === 0) {
    return readDashboard(document, dashboard, ["dashboard"], surroundings);
  }
  if (isObject(value.elements) && !Array.isArray(value.panels)) {
    return [readResourceV2(document, value, path, surroundings)];
  }
  if (Array.isArray(value.panels) || Array.isArray(value.rows)) {
    return [readClassic(document, value, path, surroundings)];
  }
  // A library panel, as the API gives it out: its model is a panel.
  const library = isObject(value.result) ? value.result : value;
  const isLibrary = isObject(model) || isObject(library.model);
  return isLibrary && asList(getMember(library.model, "targets")).length > 0
    ? readLibrary(
        document,
        asObject(library.model),
        library === value ? [...path, "model"] : [...path, "result", "model"],
        surroundings,
      )
    : [];
}

function readLibrary(
  document: TextDocument,
  model: JsonObject,
  path: Path,
  { datasourceTypes }: Surroundings,
): Board[] {
  const panel = readPanel(model, path, { types: datasourceTypes, libraryPanels: new Map() });
  const title = asText(model.title) ?? "";
  return [
    { kind: "library panel", title, document, panels: [panel], variables: new Map(), records: [] },
  ];
}
