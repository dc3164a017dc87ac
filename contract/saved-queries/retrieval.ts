import { milliseconds } from "../traceql/index.ts";
import type { MiniserveQueries } from "./terms.ts";
import { thresholds } from "./thresholds.ts";

export const retrievalQueries: MiniserveQueries = (save) => [
  save("slow-retrieval", {
    title: "Slow retrieval",
    question: "Which requests waited long for their passages?",
    action: "See which of the stages below took the time: embedding, search or reranking.",
    severity: "warning",
    tags: ["retrieval", "speed"],
    parameters: { threshold: thresholds.retrieval },
    ask: (query, values) => {
      const found = query.spans("retrieve", (_, span) =>
        span.duration.gt(milliseconds(values.threshold)),
      );
      return {
        found,
        table: found.select("indexName", "docsRetrieved", "docsReranked"),
        count: found.countOverTime(),
      };
    },
  }),
  save("retrieval-found-nothing", {
    title: "Retrieval that found nothing",
    question: "Which requests looked for passages and found none?",
    action: "The index is empty, or not the one that was meant: build it again with npm run index.",
    severity: "warning",
    tags: ["retrieval"],
    ask: (query) => {
      const found = query.spans("retrieve", (a) => a.docsRetrieved.eq(0));
      return {
        found,
        table: found.select("indexName", "docsRetrieved", "docsReranked"),
        count: found.countOverTime(),
      };
    },
  }),
  save("rerank-kept-nothing", {
    title: "Reranking that kept nothing",
    question: "Which requests found passages, none of which was good enough?",
    action:
      "The question is not about what the index holds, or the threshold of the ranker is too high.",
    severity: "info",
    tags: ["retrieval"],
    ask: (query) => {
      const found = query.spans("retrieve", (a) => a.docsRetrieved.gt(0).and(a.docsReranked.eq(0)));
      return {
        found,
        table: found.select("indexName", "docsRetrieved", "docsReranked"),
        count: found.countOverTime(),
      };
    },
  }),
];
