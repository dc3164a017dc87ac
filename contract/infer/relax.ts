/** Takes back what was guessed too strictly: a guess is compared with the traces that it was made from. */
import { type Contract, listRootSpans, type TreeShape } from "../define/contract.ts";
import { findString, type Span } from "../otlp/span.ts";
import { judgeTrace } from "../validate/judge-trace.ts";
import { type Rule, rules, type Violation } from "../validate/violation.ts";
import { type ContractDraft, type SpanDraft, toContract } from "./draft.ts";
import type { SeenTrace } from "./observe.ts";
import { counted } from "./words.ts";

export interface Relaxed {
  readonly draft: ContractDraft;
  readonly contract: Contract;
  readonly findings: readonly string[];
}

/** Each round takes something back, so there are never as many. */
const mostRounds = 1000;

/** Rules about how this project's tracer tells of failures. */
const rulesOfFailures: ReadonlySet<string> = new Set<Rule>([
  "wrong-status",
  "wrong-exception",
  "unknown-event",
  "free-text",
]);

export function relax(draft: ContractDraft, traces: readonly SeenTrace[]): Relaxed {
  for (let round = 0; round < mostRounds; round++) {
    const contract = toContract(draft);
    const violations = traces.flatMap(({ spans }) => judgeTrace(contract, spans).violations);
    const isChanged =
      relaxOutcomes(draft, contract, traces, violations) ||
      relaxFailures(draft, violations) ||
      violations.map((violation) => relaxSpan(draft, violation)).some(Boolean);
    if (!isChanged) {
      return { draft, contract, findings: formatRemaining(violations) };
    }
  }
  throw new Error("A contract that was taken back a thousand times is still too strict.");
}

/** From the strictest tree to the one that says least. */
const shapes = {
  unset: ["complete", "rejected", "interrupted"],
  error: ["failed", "interrupted"],
} as const satisfies Record<string, readonly TreeShape[]>;

const rulesOfOutcomes: ReadonlySet<string> = new Set<Rule>([
  ...(rulesOfFailures as ReadonlySet<Rule>),
  "missing-span",
  "missing-attribute",
  "wrong-outcome",
]);

/** An outcome whose requests are not as complete as was thought leaves a smaller tree behind. */
function relaxOutcomes(
  draft: ContractDraft,
  contract: Contract,
  traces: readonly SeenTrace[],
  violations: readonly Violation[],
): boolean {
  const { outcomes } = draft;
  if (outcomes === undefined || draft.failures === "freely") {
    return false;
  }
  const requests = listRequests(contract, traces);
  const broken = new Set(
    violations
      .filter(({ rule }) => rulesOfOutcomes.has(rule))
      .map(({ traceId, spanId }) => requests.get(`${traceId} ${spanId}`)),
  );
  const byOutcome = Map.groupBy(new Set(requests.values()), ({ outcome }) => outcome);
  const byName = { ...outcomes.byName };
  let isChanged = false;
  for (const name of Object.keys(byName)) {
    const outcome = byName[name];
    const ended = byOutcome.get(name) ?? [];
    const share = ended.filter((request) => broken.has(request)).length / ended.length;
    const next = outcome && nextShape(outcome);
    // What is true of a few is said of the stage: it may be missing.
    if (outcome !== undefined && next !== undefined && share > leastShareBroken) {
      byName[name] = { ...outcome, tree: next };
      isChanged = true;
    }
  }
  draft.outcomes = { ...outcomes, byName };
  return isChanged;
}

const leastShareBroken = 0.5;

function nextShape({ tree, rootStatus }: { tree: TreeShape; rootStatus: string }) {
  const list: readonly TreeShape[] = rootStatus === "error" ? shapes.error : shapes.unset;
  return list[list.indexOf(tree) + 1];
}

interface Request {
  readonly outcome: string | undefined;
}

/** The request that each span is of, by the ids of trace and span. */
function listRequests(contract: Contract, traces: readonly SeenTrace[]): Map<string, Request> {
  const rootNames = new Set(listRootSpans(contract).map(({ name }) => name));
  const key = contract.attributes[contract.outcomes?.attribute ?? ""]?.key ?? "";
  const requests = new Map<string, Request>();
  for (const { traceId, spans } of traces) {
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const requestOf = (span: Span | undefined): Request | undefined => {
      if (span === undefined) {
        return undefined;
      }
      const id = `${traceId} ${span.spanId}`;
      const known =
        requests.get(id) ??
        (rootNames.has(span.name)
          ? { outcome: findString(span.attributes, key) }
          : requestOf(byId.get(span.parentSpanId ?? "")));
      if (known !== undefined) {
        requests.set(id, known);
      }
      return known;
    };
    for (const span of spans) {
      requestOf(span);
    }
  }
  return requests;
}

function relaxFailures(draft: ContractDraft, violations: readonly Violation[]): boolean {
  const broken = violations.filter(
    ({ rule, seen }) => rulesOfFailures.has(rule) || (rule in rules && /\bexception\b/.test(seen)),
  );
  if (broken.length === 0 || draft.failures === "freely") {
    return false;
  }
  draft.failures = "freely";
  draft.failuresEvidence = [...Map.groupBy(broken, ({ rule }) => rule)]
    .map(([rule, same]) => `${rule}: ${counted(same.length, "time")}`)
    .join(", ");
  return true;
}

function relaxSpan(draft: ContractDraft, { rule, spanName, seen, expected }: Violation): boolean {
  const entry = [...draft.spans].find(([, { name }]) => name === spanName);
  const [identifier, span] = entry ?? [];
  if (span === undefined) {
    return false;
  }
  switch (rule as Rule) {
    case "missing-span": {
      const child = [...draft.spans.values()].find(
        ({ name, parent }) => parent === identifier && seen === `no ${name}`,
      );
      return child !== undefined && setPresence(child, "optional");
    }
    case "misordered-span":
    case "duplicated-span":
      return setPresence(span, "sampled");
    case "missing-attribute":
      return makeOptional(draft, span, expected);
    case "outside-parent":
      return seen.includes("after its end") && setDetached(span);
    case "wrong-outcome":
    case "wrong-status":
      draft.outcomes = undefined;
      return true;
    case "missing-resource-attribute":
      return removeFromResource(draft, seen.split(":")[0] ?? "");
    default:
      return false;
  }
}

function setPresence(span: SpanDraft, presence: SpanDraft["presence"]): boolean {
  const isChanged =
    span.parent !== null && span.presence !== presence && span.presence !== "sampled";
  if (isChanged) {
    span.presence = presence;
  }
  return isChanged;
}

function setDetached(span: SpanDraft): boolean {
  const isChanged = !span.detached;
  span.detached = true;
  return isChanged;
}

function makeOptional({ attributes }: ContractDraft, span: SpanDraft, key: string): boolean {
  const identifier = Object.keys(attributes).find((name) => attributes[name]?.key === key);
  if (identifier === undefined || span.optional.includes(identifier)) {
    return false;
  }
  const others = (list: string[]) => list.filter((name) => name !== identifier);
  span.atStart = others(span.atStart);
  span.atEnd = others(span.atEnd);
  span.onSuccess = others(span.onSuccess);
  span.optional = [...span.optional, identifier];
  return true;
}

function removeFromResource(draft: ContractDraft, key: string): boolean {
  const found = Object.entries(draft.resource).find(([, attribute]) => attribute.key === key);
  if (found === undefined || key === "service.name") {
    return false;
  }
  delete draft.resource[found[0]];
  return true;
}

/** What no contract can say of these spans, once for each rule and name. */
function formatRemaining(violations: readonly Violation[]): string[] {
  const told = violations.filter(({ rule }) => rule !== "unknown-span");
  const groups = Map.groupBy(told, ({ rule, spanName }) => `${rule} of ${spanName}`);
  return [...groups].map(([what, same]) => {
    const [first] = same;
    return `${what}, ${counted(same.length, "time")}: ${first?.seen}, expected ${first?.expected}.`;
  });
}
