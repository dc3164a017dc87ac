import { isNode, parseAllDocuments } from "yaml";
import { type Path, type Place, pathKey, stringPlaces } from "./json-places.ts";
import { asObject, asText, isObject } from "./json-values.ts";

export type { Path } from "./json-places.ts";

/** A document of a file, and where its strings stand there. */
export interface TextDocument {
  readonly value: unknown;
  /** Undefined where the string is not written as one: of an alias, or in a text within the text. */
  readonly findPlace: (path: Path) => Place | undefined;
}

/** Of a text that is neither JSON nor YAML. */
export class DocumentError extends Error {}

/**
 * The documents of a file: one of JSON, any number of YAML. Where one holds others as texts, as a
 * ConfigMap does, these follow it.
 * @throws DocumentError that says where the fault is.
 */
export function readDocuments(text: string): TextDocument[] {
  const documents = /^\s*[[{]/.test(text) ? readJson(text) : readYaml(text);
  return documents.flatMap((document) => [document, ...innerDocuments(document)]);
}

function readJson(text: string): TextDocument[] {
  let places: ReadonlyMap<string, Place> | undefined;
  try {
    const value: unknown = JSON.parse(text);
    const findPlace = (path: Path) => {
      places ??= stringPlaces(text);
      return places.get(pathKey(path));
    };
    return [{ value, findPlace }];
  } catch (error) {
    // YAML in braces is rare, and a slip in JSON is not: what the one says is said.
    throw new DocumentError(`not JSON: ${(error as Error).message}`);
  }
}

/** Aliases of aliases would be billions of values. */
const mostAliases = 100;

function readYaml(text: string): TextDocument[] {
  try {
    const documents = parseAllDocuments(text, { logLevel: "silent", uniqueKeys: false });
    return [...documents].map((document): TextDocument => {
      const [fault] = document.errors;
      if (fault !== undefined) {
        throw fault;
      }
      return {
        value: document.toJS({ maxAliasCount: mostAliases }),
        findPlace: (path) => {
          const node = document.getIn(path, true);
          const [start, end] = (isNode(node) && node.range) || [];
          return start === undefined || end === undefined ? undefined : { start, end };
        },
      };
    });
  } catch (error) {
    throw new DocumentError(`not YAML: ${(error as Error).message.split("\n")[0]}`);
  }
}

/** JSON in the values of a ConfigMap, and in `spec.json` of Grafana's operator. */
function innerDocuments({ value, findPlace }: TextDocument): TextDocument[] {
  const { kind, data, spec } = asObject(value);
  const texts =
    kind === "ConfigMap"
      ? Object.entries(asObject(data)).map(([name, text]) => [["data", name], text] as const)
      : kind === "GrafanaDashboard"
        ? [[["spec", "json"], asObject(spec).json] as const]
        : [];
  return texts.flatMap(([path, text]) => {
    const inner = parseJson(asText(text) ?? "");
    return isObject(inner) ? [{ value: inner, findPlace: () => findPlace(path) }] : [];
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
