import { readFileSync } from "node:fs";
import { readOtlpJson, type Span } from "#contract";
import { openStore } from "../../store/index.ts";
import { createTraceqlEngine } from "../index.ts";
import { askAll, type ConformanceAnswers, conformanceRange } from "./answers.ts";
import { conformanceContract } from "./contract.ts";
import { conformanceQueries } from "./queries.ts";

/**
 * The answers of a store that got the data set in these exports.
 * @param directory For the store; empty.
 */
export async function answerDataSet(
  directory: string,
  splitExports: (spans: readonly Span[]) => readonly (readonly Span[])[],
): Promise<ConformanceAnswers> {
  const file = new URL("data-set.json", import.meta.url);
  const { spans, faults } = readOtlpJson(JSON.parse(readFileSync(file, "utf8")));
  if (faults.length > 0) {
    throw new Error(`The data set is no OTLP JSON: ${JSON.stringify(faults)}`);
  }
  const store = await openStore([conformanceContract], { directory });
  try {
    for (const some of splitExports(spans)) {
      await store.append(some);
    }
    const queries = conformanceQueries("conformance");
    return await askAll(createTraceqlEngine(store), queries, conformanceRange);
  } finally {
    await store.close();
  }
}
