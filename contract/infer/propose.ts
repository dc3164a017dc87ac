/** What a contract that is there already lacks, in the lines that its file would get. */
import type { Attribute } from "../define/attribute.ts";
import type { Contract } from "../define/contract.ts";
import { judgeTrace } from "../validate/judge-trace.ts";
import type { Rule, Violation } from "../validate/violation.ts";
import type { AttributeDraft, ContractDraft, SpanDraft } from "./draft.ts";
import type { InferredContract } from "./infer-contract.ts";
import { attributeLines, spanLines } from "./to-source.ts";
import { counted } from "./words.ts";

/** Something to add to a contract, or to change. */
export interface Proposal {
  readonly kind: "add" | "change";
  /** In a sentence, with how often it was seen. */
  readonly what: string;
  /** Of TypeScript, as they would stand in the file. */
  readonly lines: readonly string[];
}

/** All that the traces say against a contract, once each; nothing where it accepts them. */
export function proposeChanges(existing: Contract, inferred: InferredContract): Proposal[] {
  const violations = inferred.traces.flatMap(({ spans }) => judgeTrace(existing, spans).violations);
  const draft = inKnownWords(inferred.draft, existing);
  const groups = Map.groupBy(violations, ({ rule, spanName, seen, expected }) =>
    [rule, spanName, isOfValue(rule) ? expected : seen].join("\n"),
  );
  const isFree = draft.failures === "freely" && existing.failures !== "freely";
  const proposals = [...groups.values()].flatMap((same) => propose(draft, existing, same, isFree));
  return isFree
    ? [
        {
          kind: "change",
          what: "Its spans tell of failures freely: by other statuses, events or texts than the contract's rules.",
          lines: ['  failures: "freely",'],
        },
        ...proposals,
      ]
    : proposals;
}

function isOfValue(rule: string): boolean {
  return rule === "value-not-allowed";
}

const rulesOfFailures = new Set<string>([
  "wrong-status",
  "wrong-exception",
  "unknown-event",
  "free-text",
] satisfies Rule[]);

function propose(
  draft: ContractDraft,
  existing: Contract,
  same: readonly Violation[],
  isFree: boolean,
): Proposal[] {
  const [first] = same;
  if (first === undefined || (isFree && isOfFailures(first))) {
    return [];
  }
  const { rule, spanName, seen, expected } = first;
  const times = counted(same.length, "span");
  const span = [...draft.spans].find(([, { name }]) => name === spanName);
  const attribute = Object.entries(draft.attributes).find(([, { key }]) => key === seen);
  switch (rule as Rule) {
    case "unknown-span":
      return span === undefined
        ? []
        : [
            {
              kind: "add",
              what: `The span ${spanName}, ${times}.`,
              lines: newSpan(draft, existing, span),
            },
          ];
    case "unknown-attribute":
      return [
        attribute === undefined
          ? newUndeclared(draft, seen, times)
          : {
              kind: "add",
              what: `The attribute ${seen} of ${spanName}, in ${times}.`,
              lines: [...attributeLines(...attribute), ...placeLines(span, attribute[0])],
            },
      ];
    case "misplaced-attribute":
      return [
        {
          kind: "add",
          what: `The attribute ${seen}, now also of ${spanName}, in ${times}.`,
          lines: attribute === undefined ? [] : placeLines(span, attribute[0]),
        },
      ];
    default:
      return [
        {
          kind: "change",
          what: `${spanName}, ${times}: ${rule}: ${seen}, expected ${expected}.`,
          lines: changedLines(draft, existing, first, span),
        },
      ];
  }
}

function isOfFailures({ rule, seen }: Violation): boolean {
  return rulesOfFailures.has(rule) || /\bexception\b/.test(seen);
}

/** What is now guessed of the same attribute, or of the same span. */
function changedLines(
  draft: ContractDraft,
  existing: Contract,
  { rule, seen, expected }: Violation,
  span: [string, SpanDraft] | undefined,
): string[] {
  if (rule === "value-not-allowed" || rule === "wrong-type") {
    const key = seen.split(" ")[0];
    const found = Object.entries(draft.attributes).find(([, attribute]) => attribute.key === key);
    return found === undefined ? [] : attributeLines(...found);
  }
  if (rule === "missing-span") {
    const name = seen.replace(/^no /, "");
    const found = [...draft.spans].find(([, child]) => child.name === name);
    return found === undefined ? [] : spanLines(...found);
  }
  if (rule === "missing-attribute" && findAttribute(existing, expected) === undefined) {
    return [];
  }
  return span === undefined ? [] : spanLines(...span);
}

function newSpan(draft: ContractDraft, existing: Contract, span: [string, SpanDraft]): string[] {
  const [, { atStart, atEnd, onSuccess, optional }] = span;
  const unknown = [...atStart, ...atEnd, ...onSuccess, ...optional].filter(
    (identifier) => !Object.hasOwn(existing.attributes, identifier),
  );
  return [
    ...unknown.flatMap((identifier) =>
      attributeLines(identifier, draft.attributes[identifier] as AttributeDraft),
    ),
    ...spanLines(...span),
  ];
}

function newUndeclared(draft: ContractDraft, key: string, times: string): Proposal {
  const name = key.replaceAll(/(?<=\.)\d+(?=\.|$)/g, "*");
  const reason = draft.undeclared.get(name) ?? "it is on no span that the contract has";
  return {
    kind: "add",
    what: `${key} as undeclared, in ${times}: ${reason}.`,
    lines: [`  undeclared: [${JSON.stringify(name)}],`],
  };
}

/** The list of a span that has the attribute. */
function placeLines(span: [string, SpanDraft] | undefined, identifier: string): string[] {
  const lists = ["atStart", "atEnd", "onSuccess", "optional"] as const;
  const list = span && lists.find((name) => span[1][name].includes(identifier));
  return span === undefined || list === undefined
    ? []
    : [`  // ${span[0]}: ${list}: [… "${identifier}"]`];
}

function findAttribute({ attributes }: Contract, key: string): Attribute | undefined {
  return Object.values(attributes).find((attribute) => attribute.key === key);
}

/** The draft with the identifiers that the contract has already for the same names. */
function inKnownWords(draft: ContractDraft, existing: Contract): ContractDraft {
  const attributeIds = new Map(
    Object.entries(existing.attributes).map(([identifier, { key }]) => [key, identifier]),
  );
  const spanIds = new Map(
    Object.values(existing.spans).map(({ identifier, name }) => [name, identifier]),
  );
  const ofAttribute = (identifier: string) =>
    attributeIds.get(draft.attributes[identifier]?.key ?? "") ?? identifier;
  const ofSpan = (identifier: string) =>
    spanIds.get(draft.spans.get(identifier)?.name ?? "") ?? identifier;
  return {
    ...draft,
    attributes: Object.fromEntries(
      Object.entries(draft.attributes).map(([identifier, attribute]) => [
        ofAttribute(identifier),
        attribute,
      ]),
    ),
    spans: new Map(
      [...draft.spans].map(([identifier, span]) => [
        ofSpan(identifier),
        {
          ...span,
          parent: span.parent === null ? null : ofSpan(span.parent),
          alsoUnder: span.alsoUnder.map(ofSpan),
          atStart: span.atStart.map(ofAttribute),
          atEnd: span.atEnd.map(ofAttribute),
          onSuccess: span.onSuccess.map(ofAttribute),
          optional: span.optional.map(ofAttribute),
        },
      ]),
    ),
  };
}
