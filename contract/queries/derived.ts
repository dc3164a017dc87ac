import {
  type Contract,
  type Invariant,
  isOfMainKind,
  listChildren,
  listRootSpans,
  type Outcome,
  splitPath,
} from "../define/contract.ts";
import type { SavedQuery } from "../define/saved-query.ts";
import type { SpanDefinition } from "../define/span.ts";
import { allOf, anyOf, type Condition } from "../traceql/condition.ts";
import type { Intrinsics, SpanFields } from "../traceql/field.ts";
import { milliseconds, type Quantity } from "../traceql/quantity.ts";
import type { SearchQuery } from "../traceql/search-query.ts";
import type { Spanset } from "../traceql/spanset.ts";
import type { Traceql } from "../traceql/vocabulary.ts";
import { type DefineSavedQuery, threshold } from "./define-saved-query.ts";

/** The saved queries that any contract has: how requests end, how long they take, what must never be. */
export function derivedQueries(contract: Contract, save: DefineSavedQuery<Contract>): SavedQuery[] {
  return [
    failedStages(contract, save),
    ...outcomeQueries(contract, save),
    slowRequests(contract, save),
    ...treeQueries(contract, save),
    ...brokenSums(contract, save),
  ];
}

const slowRequest = threshold(10_000, { brief: "How long a request may take.", unit: "ms" });

function slowRequests(contract: Contract, save: DefineSavedQuery<Contract>): SavedQuery {
  return save("slow-requests", {
    title: "Slow requests",
    question: "Which requests took long from the first byte to the last?",
    action: "Open the trace and see which stage took the time; the queries on speed name each.",
    severity: "warning",
    tags: ["speed"],
    parameters: { threshold: slowRequest },
    build: (query, values) => {
      const found = query.spans(listRoots(contract), (_, span) =>
        span.duration.gt(milliseconds(values.threshold)),
      );
      return { found, table: withRootColumns(contract, found), count: found.countOverTime() };
    },
  });
}

/** Of a failed request the innermost span that failed, and no other: so each is counted once. */
function failedStages(contract: Contract, save: DefineSavedQuery<Contract>): SavedQuery {
  const isStage = (span: Intrinsics) =>
    allOf(listRoots(contract).map((root) => span.name.ne(root)));
  const [first, ...others] = listOutcomeNames(contract, ({ tree }) => tree === "failed");
  return save("failed-stages", {
    title: "Failed requests by stage",
    question: "Which requests failed, and in which stage?",
    action:
      "Open the trace: the innermost failed span has the exception with its place in the code, and the log lines of the trace say what came before.",
    severity: "critical",
    tags: ["failures"],
    alert: { windowMinutes: 5, above: 0, forMinutes: 0 },
    build: (query) => {
      const stages = query.anySpan((_, span) => span.status.eq("error").and(isStage(span)));
      const failed = query.anySpan((attributes, span) => {
        const outcome = attributes[contract.outcomes?.attribute ?? ""];
        // Only a failure leaves an error on a stage; on the root, other outcomes may.
        return outcome?.kind === "string" && first !== undefined
          ? span.status.eq("error").and(isStage(span).or(outcome.isOneOf(first, ...others)))
          : span.status.eq("error");
      });
      const found = failed.unrelated("parent", stages);
      return {
        found,
        table: found.select(query.span.name, query.span.statusMessage),
        count: found.countOverTime().by(query.span.name),
        total: found.countOverTime(),
      };
    },
  });
}

/**
 * The contract's sums over the attributes of one span. TraceQL cannot compare the attributes of one
 * span with those of another: for sums across spans there is the check of a trace.
 */
function brokenSums(contract: Contract, save: DefineSavedQuery<Contract>): SavedQuery[] {
  const invariants = contract.invariants.filter(isWithinOneSpan);
  if (invariants.length === 0) {
    return [];
  }
  return [
    save("broken-sums", {
      title: "Sums that do not hold",
      question: "Which spans contradict themselves?",
      action: `A stage counts wrongly, or values were lost. ${invariants.map(({ brief }) => brief).join(" ")} Check the trace with npm run trace:check, which also judges sums across spans.`,
      severity: "critical",
      tags: ["contract"],
      alert: { windowMinutes: 5, above: 0, forMinutes: 0 },
      build: (query) => {
        const found = query.anySpan((_, span) =>
          anyOf(
            invariants.map((invariant) =>
              span.name.eq(getInvariantSpan(invariant)).and(isBroken(query, invariant)),
            ),
          ),
        );
        const fields = invariants.flatMap((invariant) =>
          [...invariant.left, ...invariant.right].map((path) => splitPath(path).attribute),
        );
        return {
          found,
          table: found.select(query.span.name, ...new Set(fields)),
          count: found.countOverTime().by(query.span.name),
          total: found.countOverTime(),
        };
      },
    }),
  ];
}

function isWithinOneSpan({ left, right, unless }: Invariant): boolean {
  const spans = new Set([...left, ...right].map((path) => splitPath(path).span));
  return spans.size === 1 && unless === undefined;
}

function getInvariantSpan({ left }: Invariant): string {
  return splitPath(left[0]).span;
}

function isBroken(query: Traceql<Contract>, { left, relation, right }: Invariant): Condition {
  const leftSum = buildSum(query, left);
  const rightSum = buildSum(query, right);
  return relation === "equals" ? leftSum.ne(rightSum) : leftSum.lt(rightSum);
}

function buildSum(
  query: Traceql<Contract>,
  [first, ...others]: Invariant["left"],
): Quantity<"int" | "number"> {
  return others.reduce<Quantity<"int" | "number">>(
    (sum, path) => sum.add(integerAt(query, path)),
    integerAt(query, first),
  );
}

function integerAt(query: Traceql<Contract>, path: string): Quantity<"int"> {
  const { span, attribute } = splitPath(path);
  const field = query.attributes(span)[attribute];
  if (field?.kind !== "int") {
    throw new RangeError(`${path} is no integer.`);
  }
  return field;
}

/** What a tree must have and has not. None where the root is the only span. */
function treeQueries(contract: Contract, save: DefineSavedQuery<Contract>): SavedQuery[] {
  return listRootSpans(contract).every((root) => listChildren(contract, root).length === 0)
    ? []
    : [orphans(contract, save), ...incompleteTrees(contract, save)];
}

function orphans(contract: Contract, save: DefineSavedQuery<Contract>): SavedQuery {
  const families = Map.groupBy(
    Object.values(contract.spans).filter(({ parent }) => parent !== null),
    ({ parent, alsoUnder = [] }) => [parent ?? "", ...alsoUnder].join(" "),
  );
  return save("orphans", {
    title: "Spans without their parent",
    question: "Which spans are not below the span that the contract puts them under?",
    action:
      "Spans were lost: look at what the service, the collector and the store dropped at that time. A request that is still running looks so too; and in Tempo, every request below a client's span that Tempo does not have.",
    severity: "critical",
    tags: ["contract"],
    // No alert, because of what only looks so.
    build: (query) => {
      const found = uniteSpansets(
        [...families].map(([parents, children]) =>
          query
            .spans(listIdentifiers(children))
            .unrelated("child", query.spans(parents.split(" "))),
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

/**
 * Of each list, a whole request must have one. Where a stage is only for some requests, that of another
 * kind does as well: saying which kind has which would make the query longer than Tempo reads.
 */
function listNeeds(contract: Contract, stages: readonly SpanDefinition[]): SpanDefinition[][] {
  const others = stages.filter((stage) => !isOfMainKind(contract, stage));
  return stages
    .filter((stage) => isOfMainKind(contract, stage))
    .map((stage) => (stage.onlyFor === undefined ? [stage] : [stage, ...others]));
}

/** Requests that did all their work by what they say, and lack a stage that is always there. */
function incompleteTrees(contract: Contract, save: DefineSavedQuery<Contract>): SavedQuery[] {
  const trees = listRootSpans(contract)
    .map((root) => ({
      root,
      stages: listChildren(contract, root).filter(({ presence }) => presence === "always"),
    }))
    .filter(({ stages }) => stages.length > 0);
  if (trees.length === 0) {
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
      build: (query) => {
        const isWhole = (attributes: SpanFields<Contract, string>, { status }: Intrinsics) => {
          const outcome = attributes[contract.outcomes?.attribute ?? ""];
          const [first, ...others] = listOutcomeNames(contract, ({ tree }) => tree === "complete");
          return outcome?.kind === "string" && first !== undefined
            ? outcome.isOneOf(first, ...others)
            : status.ne("error");
        };
        const incomplete = trees.map(({ root, stages }) => {
          const whole = query.spans(root.identifier, isWhole);
          const rooted = query.spans(root.identifier, (attributes, span) =>
            isWhole(attributes, span).and(span.traceRootName.ne("")),
          );
          // Shorter than the names of all stages.
          const anyStage = query.anySpan((_, { name }) => name.ne(root.identifier));
          return (
            uniteSpansets(
              listNeeds(contract, stages).map((anyOf) =>
                whole.unrelated("parent", query.spans(listIdentifiers(anyOf))),
              ),
            )
              // Below a span that it does not have, Tempo relates nothing: what has some stage is related.
              .related("parent", anyStage)
              .or(rooted.unrelated("parent", anyStage))
          );
        });
        const found = uniteSpansets(incomplete);
        return {
          found,
          table: withRootColumns(contract, found),
          count: found.countOverTime(),
        };
      },
    }),
  ];
}

function listRoots(contract: Contract): string[] {
  return listIdentifiers(listRootSpans(contract));
}

function listIdentifiers(definitions: readonly SpanDefinition[]): string[] {
  return definitions.map(({ identifier }) => identifier);
}

/** The spans of all of them, each once. */
function uniteSpansets(spansets: readonly Spanset[]): Spanset {
  return spansets.reduce((union, spanset) => union.or(spanset));
}

/** One for each way to end that leaves no whole tree. */
function outcomeQueries(contract: Contract, save: DefineSavedQuery<Contract>): SavedQuery[] {
  const { outcomes } = contract;
  if (outcomes === undefined) {
    return [];
  }
  return listOutcomeNames(contract, ({ tree }) => tree !== "complete").map((name) => {
    const { brief, rootStatus, tree } = outcomes.byName[name] as Outcome;
    return save(`${name}-requests`, {
      title: `Requests with the outcome ${name}`,
      question: `Which requests ended as ${name}?`,
      action: `${brief} ${actions[tree]}`,
      severity: rootStatus === "error" ? "warning" : "info",
      tags: ["outcomes"],
      build: (query) => {
        const found = query.spans(listRoots(contract), (attributes) => {
          const outcome = attributes[outcomes.attribute];
          if (outcome?.kind !== "string") {
            throw new RangeError(`The outcome ${outcomes.attribute} is no string.`);
          }
          return outcome.eq(name);
        });
        return { found, table: withRootColumns(contract, found), count: found.countOverTime() };
      },
    });
  });
}

const actions = {
  complete: "",
  failed: "Failed requests by stage says where.",
  rejected: "See whether one client or one cause stands out among the errors.",
  interrupted: "Open the trace and see which stage was running, and for how long.",
} as const satisfies Record<Outcome["tree"], string>;

function listOutcomeNames(contract: Contract, condition: (outcome: Outcome) => boolean): string[] {
  return Object.entries(contract.outcomes?.byName ?? {})
    .filter(([, outcome]) => condition(outcome))
    .map(([name]) => name);
}

/** With what every root says about its request, without what says the same of every one. */
function withRootColumns(contract: Contract, found: Spanset): SearchQuery {
  const [main, ...otherRoots] = listRootSpans(contract);
  const [first, ...others] = Object.entries(main?.attributes ?? {})
    .filter(([, { values }]) => values?.length !== 1)
    .filter(([identifier]) =>
      otherRoots.every(({ attributes }) => Object.hasOwn(attributes, identifier)),
    )
    .map(([identifier]) => identifier);
  return first === undefined ? found : found.select(first, ...others);
}
