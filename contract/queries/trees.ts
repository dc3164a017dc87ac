import { type Contract, childrenOf, rootOf } from "../define/contract.ts";
import type { SavedQuery } from "../define/saved-query.ts";
import type { SpanDefinition } from "../define/span.ts";
import type { Intrinsics, SpanFields } from "../traceql/fields.ts";
import type { Spanset } from "../traceql/spanset.ts";
import { namesOfOutcomes } from "./outcomes.ts";
import { withRootColumns } from "./root-columns.ts";
import type { SaveQuery } from "./save-query.ts";

/** What a tree must have and has not. None where the root is the only span. */
export function treeQueries(contract: Contract, save: SaveQuery<Contract>): SavedQuery[] {
  return childrenOf(contract, rootOf(contract)).length === 0
    ? []
    : [orphans(contract, save), ...incompleteTrees(contract, save)];
}

function orphans(contract: Contract, save: SaveQuery<Contract>): SavedQuery {
  const parents = Object.values(contract.spans).filter(
    (parent) => childrenOf(contract, parent).length > 0,
  );
  return save("orphans", {
    title: "Spans without their parent",
    question: "Which spans are not below the span that the contract puts them under?",
    action:
      "Spans were lost: look at what the service, the collector and the store dropped at that time. A request that is still running looks so too; and in Tempo, every request below a client's span that Tempo does not have.",
    severity: "critical",
    tags: ["contract"],
    // No alert, because of what only looks so.
    ask: (query) => {
      const found = unionOf(
        parents.map((parent) =>
          query
            .spans(identifiersOf(childrenOf(contract, parent)))
            .unrelated("child", query.spans(parent.identifier)),
        ),
      );
      return {
        found,
        table: found.select(query.span.name, query.span.status),
        count: found.countOverTime().by(query.span.name),
        total: found.countOverTime(),
      };
    },
  });
}

/** Requests that did all their work by what they say, and lack a stage that is always there. */
function incompleteTrees(contract: Contract, save: SaveQuery<Contract>): SavedQuery[] {
  const root = rootOf(contract);
  const stages = childrenOf(contract, root).filter(({ presence }) => presence === "always");
  if (stages.length === 0) {
    return [];
  }
  return [
    save("incomplete-trees", {
      title: "Complete requests without all stages",
      question: "Which requests did their work by what they say, and lack the span of a stage?",
      action:
        "Check the trace with npm run trace:check, which names what is missing, and look for spans that were dropped on the way.",
      severity: "critical",
      tags: ["contract"],
      alert: { windowMinutes: 15, above: 0, forMinutes: 5 },
      ask: (query) => {
        const isWhole = (attributes: SpanFields<Contract, string>, { status }: Intrinsics) => {
          const outcome = attributes[contract.outcomes?.attribute ?? ""];
          const [first, ...others] = namesOfOutcomes(contract, ({ tree }) => tree === "whole");
          return outcome?.kind === "string" && first !== undefined
            ? outcome.isOneOf(first, ...others)
            : status.ne("error");
        };
        const whole = query.spans(root.identifier, isWhole);
        const rooted = query.spans(root.identifier, (attributes, span) =>
          isWhole(attributes, span).and(span.traceRootName.ne("")),
        );
        const anyStage = query.spans(identifiersOf(stages));
        const found = unionOf(
          stages.map(({ identifier }) => whole.unrelated("parent", query.spans(identifier))),
        )
          // Below a span that it does not have, Tempo relates nothing: what has some stage is related.
          .related("parent", anyStage)
          .or(rooted.unrelated("parent", anyStage));
        return {
          found,
          table: withRootColumns(contract, found),
          count: found.countOverTime(),
        };
      },
    }),
  ];
}

function identifiersOf(definitions: readonly SpanDefinition[]): string[] {
  return definitions.map(({ identifier }) => identifier);
}

/** The spans of all of them, each once. */
function unionOf(spansets: readonly Spanset[]): Spanset {
  return spansets.reduce((union, spanset) => union.or(spanset));
}
