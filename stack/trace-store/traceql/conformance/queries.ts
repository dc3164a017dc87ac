import { readFileSync } from "node:fs";
import { isMetricsQuery } from "#traceql";

/**
 * Queries over every feature of the language, to be asked of the spans in data-set.json. Written from
 * TraceQL's documentation and from what Tempo 3.0.3 answers; expected.json holds the right answers.
 */
export interface ConformanceQueries {
  readonly searches: readonly string[];
  /** Asked for a range and for one value. */
  readonly metrics: readonly string[];
  /** Each is refused. */
  readonly invalid: readonly string[];
}

/** queries.json: pieces of queries, so that each is written once. */
interface Pieces {
  /** What stands in the braces of a search. */
  readonly conditions: readonly string[];
  /** Whole searches over {ROOT}, {DECODE}, {ALL} and {LARGE}. */
  readonly structural: readonly string[];
  /** What stands behind a search for all spans, with its bar. */
  readonly pipelines: readonly string[];
  /** The same for metrics, without the bar. */
  readonly functions: readonly string[];
  /** Whole queries of the traces that no common sender sends, with conditions in [[ ]]. */
  readonly corners: readonly string[];
  /** Whole queries of the traces with special values, with conditions in <<< >>>. */
  readonly values: readonly string[];
  readonly invalid: readonly string[];
}

/** @param service The service of the data set, so that other spans of a shared store stay out. */
export function conformanceQueries(service: string): ConformanceQueries {
  const pieces = readPieces();
  const where = (condition: string) =>
    `{ resource.service.name =~ "${service}(-b)?" && (${condition.replaceAll("SERVICE", service)}) }`;
  const whereCorner = (condition: string) =>
    `{ resource.service.name =~ "${service}-corner.*" && (${condition}) }`;
  const whereValue = (condition: string) =>
    `{ resource.service.name = "${service}-values" && (${condition}) }`;
  const filled = (text: string) =>
    text
      .replaceAll("{ROOT}", where('name = "root"'))
      .replaceAll("{DECODE}", where('name = "decode"'))
      .replaceAll("{ALL}", where("true"))
      .replaceAll("{LARGE}", where("span.x > 3"));
  const nothing = where("span.nothing = 1");
  const corners = pieces.corners.map((text) =>
    text.replace(/\[\[(.*?)\]\]/g, (_, condition: string) => whereCorner(condition)),
  );
  const values = pieces.values.map((text) =>
    text.replace(/<<<(.*?)>>>/g, (_, condition: string) => whereValue(condition)),
  );
  return {
    searches: [
      ...pieces.conditions.map(where),
      ...pieces.structural.map(filled),
      ...pieces.pipelines.map((stages) => filled(`{ALL} ${stages}`)),
      filled("({ROOT} >> {DECODE}) | count() > 1"),
      ...[...corners, ...values].filter((query) => !isMetricsQuery(query)),
    ],
    metrics: [
      ...pieces.functions.map((stages) => filled(`{ALL} | ${stages}`)),
      filled("{ROOT} >> {DECODE} | rate()"),
      filled("{ROOT} >> {DECODE} | count_over_time() by (name)"),
      ...["rate()", "rate() by (name)", "avg_over_time(duration)"].map(
        (stage) => `${nothing} | ${stage}`,
      ),
      ...[...corners, ...values].filter(isMetricsQuery),
    ],
    invalid: pieces.invalid,
  };
}

function readPieces(): Pieces {
  const file = new URL("queries.json", import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as Pieces;
}
