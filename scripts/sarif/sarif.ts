import { pathToFileURL } from "node:url";
import { shortText } from "#contract";

export interface SarifRule {
  readonly id: string;
  /** What keeps to it, or what breaks it, in a sentence. */
  readonly text: string;
  readonly level: "error" | "warning" | "note";
}

export interface SarifLocation {
  /** A path, relative to where the command runs, or an address. */
  readonly place: string;
  /** Lines and columns from 1. */
  readonly region?:
    | {
        readonly startLine: number;
        readonly startColumn: number;
        readonly endLine: number;
        readonly endColumn: number;
      }
    | undefined;
  /** What it is a part of, where a line says nothing: a panel, a span's attribute. */
  readonly logicalName?: string;
}

export interface SarifResult {
  readonly ruleId: string;
  readonly message: string;
  readonly locations: readonly SarifLocation[];
  /** What stays the same from run to run, where the location does not tell results apart. */
  readonly fingerprint?: string;
  /** Where a person looks at it. */
  readonly viewedAt?: string | undefined;
}

interface SarifRun {
  /** The command. */
  readonly tool: string;
  readonly rules: readonly SarifRule[];
  readonly results: readonly SarifResult[];
}

/** What was found as SARIF 2.1.0, as code hosts and editors read it. */
export function createSarif({ tool, rules, results }: SarifRun): object {
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: tool,
            rules: rules.map(({ id, text, level }) => ({
              id,
              shortDescription: { text },
              defaultConfiguration: { level },
            })),
          },
        },
        columnKind: "utf16CodeUnits",
        results: results.map((result) => writeResult(result, rules)),
      },
    ],
  };
}

/** Of what was seen: more, nobody reads. */
const mostCharacters = 1_000;

function writeResult(
  { ruleId, message, locations, fingerprint, viewedAt }: SarifResult,
  rules: readonly SarifRule[],
): object {
  const ruleIndex = rules.findIndex(({ id }) => id === ruleId);
  return {
    ruleId,
    ruleIndex,
    level: rules[ruleIndex]?.level ?? "warning",
    message: { text: shortText(message, mostCharacters) },
    locations: locations.map(writeLocation),
    ...(fingerprint === undefined ? {} : { partialFingerprints: { "miniserve/v1": fingerprint } }),
    ...(viewedAt === undefined ? {} : { hostedViewerUri: viewedAt }),
  };
}

function writeLocation({ place, region, logicalName }: SarifLocation): object {
  return {
    physicalLocation: {
      artifactLocation: { uri: toUri(place) },
      ...(region === undefined ? {} : { region }),
    },
    ...(logicalName === undefined
      ? {}
      : { logicalLocations: [{ fullyQualifiedName: shortText(logicalName, mostCharacters) }] }),
  };
}

/** A path relative to where the command runs, as code hosts want it; an address of a Grafana as it is. */
function toUri(place: string): string {
  if (/^https?:\/\//.test(place)) {
    return URL.parse(place)?.href ?? "";
  }
  return place.startsWith("/")
    ? pathToFileURL(place).href
    : place.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");
}
