import type { DuckDBValue } from "@duckdb/node-api";
import type { Contract } from "#contract";
import { parseQuery, QueryError, type Stage } from "#traceql";
import type { AttributeColumn, SpanBounds } from "../store/index.ts";
import type { FoundTrace, Series } from "./answer.ts";
import { type Comparison, NameIndex, nameHints } from "./hints/name-hints.ts";
import { metricsAnswer } from "./metrics/metrics.ts";
import type { MetricsOptions } from "./metrics/metrics-sql.ts";
import { PatternError, patternCheck } from "./patterns.ts";
import { possibleSpans } from "./plan/kept-rows.ts";
import { Vocabulary } from "./plan/vocabulary.ts";
import { type SearchOptions, search } from "./search/search.ts";
import { completeMatchers } from "./tags/complete-matchers.ts";
import { type TagNamesOptions, type TagsOfScope, tagNames } from "./tags/tag-names.ts";
import {
  type TagsInput,
  type TagValue,
  type TagValuesOptions,
  tagValues,
} from "./tags/tag-values.ts";

export { QueryError } from "#traceql";
export type { FoundTrace, Series } from "./answer.ts";
export type { TagsOfScope } from "./tags/tag-names.ts";
export type { TagValue } from "./tags/tag-values.ts";

/** What the language asks of a store. */
export interface SpanTables {
  readonly read: (sql: string, signal?: AbortSignal) => Promise<DuckDBValue[][]>;
  readonly contracts: readonly Contract[];
  readonly attributeColumns: readonly AttributeColumn[];
  /** Between what all spans lie, or null when there are none. */
  readonly spanBounds: () => SpanBounds | null;
  /** Another number whenever other attributes may have been seen. */
  readonly catalogVersion: () => number;
}

/** Each rejects with a QueryError for the query's own faults, and with the signal's reason. */
export interface TraceqlEngine {
  /** Newest first. */
  readonly search: (
    text: string,
    options: SearchOptions,
    signal?: AbortSignal,
  ) => Promise<FoundTrace[]>;
  readonly metrics: (
    text: string,
    options: MetricsOptions,
    signal?: AbortSignal,
  ) => Promise<Series[]>;
  readonly tagNames: (options: TagNamesOptions, signal?: AbortSignal) => Promise<TagsOfScope[]>;
  readonly tagValues: (options: TagValuesOptions, signal?: AbortSignal) => Promise<TagValue[]>;
  /** What a query that was answered may have mistyped: a sentence for each name that nobody knows. */
  readonly nameHints: (
    text: string,
    answer: { readonly foundNothing: boolean },
    signal?: AbortSignal,
  ) => Promise<string[]>;
}

/** TraceQL on the tables of a store: text → syntax → SQL → answer. Knows nothing of HTTP. */
export function createTraceqlEngine(tables: SpanTables): TraceqlEngine {
  const { attributeColumns, contracts } = tables;
  const readVocabulary = rememberVocabulary(tables);
  const runWith = (signal?: AbortSignal) => (sql: string) => tables.read(sql, signal);
  const checkPatterns = patternCheck();
  const tagsInput = async (signal?: AbortSignal): Promise<TagsInput> => {
    const run = runWith(signal);
    return {
      vocabulary: await readVocabulary(run),
      bounds: tables.spanBounds(),
      run,
      parseMatchers: (text) => validMatchers(text, (stages) => checkPatterns(stages, run)),
    };
  };
  return {
    search: async (text, options, signal) => {
      const query = parseQuery(text);
      if (query.metrics !== null) {
        throw new QueryError(
          "type",
          query.metrics.at,
          "this is a metrics query, and here is a search",
        );
      }
      const run = runWith(signal);
      await checkPatterns(query, run);
      const vocabulary = await readVocabulary(run);
      return search(query, { vocabulary, options, bounds: tables.spanBounds(), run });
    },
    metrics: async (text, options, signal) => {
      const query = parseQuery(text);
      const run = runWith(signal);
      await checkPatterns(query, run);
      return metricsAnswer(query, await readVocabulary(run), options, run);
    },
    tagNames: async (options, signal) => {
      const input = await tagsInput(signal);
      return tagNames(options, { ...input, columns: attributeColumns });
    },
    tagValues: async (options, signal) => tagValues(options, await tagsInput(signal)),
    nameHints: async (text, { foundNothing }, signal) => {
      const run = runWith(signal);
      const vocabulary = await readVocabulary(run);
      const known = new NameIndex(contracts, vocabulary);
      return nameHints(parseQuery(text), {
        contracts,
        known,
        foundNothing,
        isStored: (comparison) => isStored(comparison, vocabulary, run),
      });
    },
  };
}

/** So many regular expressions that are none may be in a query that is being typed. */
const mostWrongPatterns = 20;

/** What is complete of a query, without the regular expressions that only the database finds to be none. */
async function validMatchers(
  text: string,
  check: (stages: readonly Stage[]) => Promise<void>,
): Promise<readonly Stage[] | null> {
  const wrong = new Set<string>();
  for (;;) {
    const stages = completeMatchers(text, wrong);
    try {
      await check(stages ?? []);
      return stages;
    } catch (error) {
      if (!(error instanceof PatternError) || wrong.size === mostWrongPatterns) {
        throw error;
      }
      wrong.add(error.pattern);
    }
  }
}

async function isStored(
  condition: Comparison,
  vocabulary: Vocabulary,
  run: (sql: string) => Promise<DuckDBValue[][]>,
): Promise<boolean> {
  const { at } = condition;
  const stage = { type: "spanset", spanset: { type: "filter", condition, at } } as const;
  const { rows, where } = possibleSpans([stage], vocabulary);
  const [found = []] = await run(rows.select("1", `WHERE ${where} LIMIT 1`));
  return found.length > 0;
}

/** Read again when a span with a new attribute has come. */
function rememberVocabulary({ attributeColumns, catalogVersion }: SpanTables) {
  let known: { readonly version: number; readonly vocabulary: Vocabulary } | undefined;
  return async (run: (sql: string) => Promise<DuckDBValue[][]>): Promise<Vocabulary> => {
    // Asked before reading: what comes in between is read again by the next query.
    const version = catalogVersion();
    if (known?.version !== version) {
      const [scopes = [], keys = [], types = []] = await run(
        "SELECT DISTINCT scope, key, type FROM attribute_catalog",
      );
      const seen = scopes.map(
        (scope, row) => [String(scope), String(keys[row]), String(types[row])] as const,
      );
      known = { version, vocabulary: new Vocabulary(attributeColumns, seen) };
    }
    return known.vocabulary;
  };
}
