/** Writes a guessed contract as a person would have: the file that a team goes on with. */
import {
  type AttributeSource,
  type ContractSource,
  constantName,
  type SpanSource,
  writeAttribute,
  writeContract as writeSource,
  writeSpan,
} from "../source/index.ts";
import type { AttributeDraft, ContractDraft, SpanDraft } from "./draft.ts";
import type { InferredContract } from "./infer-contract.ts";
import { counted, createIdentifiers } from "./words.ts";

interface WriteOptions {
  /** Where the traces come from and how far back, in words. */
  readonly source: string;
}

export function writeContract(
  { draft, findings, traces }: Pick<InferredContract, "draft" | "findings" | "traces">,
  { source }: WriteOptions,
): string {
  return writeSource({
    ...toSource(draft),
    comment: [
      `The contract of ${draft.service}, inferred from ${counted(traces.length, "trace")} of ${source}. Each guess has what was seen beside it: correct it, and say in the briefs what your team means.`,
      ...findings.map((finding) => `- ${finding}`),
    ],
  });
}

/** The lines that declare an attribute. */
export function attributeLines(identifier: string, attribute: AttributeDraft): string[] {
  return writeAttribute(identifier, attributeSource(attribute));
}

/** The lines that declare a span. */
export function spanLines(identifier: string, span: SpanDraft): string[] {
  return writeSpan(identifier, spanSource(span));
}

function toSource(draft: ContractDraft): ContractSource {
  const { service, tracerName, resource, instance, defaults, outcomes, undeclared } = draft;
  const [name = ""] = createIdentifiers([service]).values();
  const [serviceName = ""] = Object.keys(resource);
  return {
    name: constantName(name),
    brief: `What the traces of ${oneLine(service)} look like.`,
    tracerName,
    resource: {
      attributes: mapValues(resource, attributeSource),
      serviceName,
      ...(instance === undefined ? {} : { instance: attributeSource(instance) }),
      defaults,
    },
    attributes: attributesBySpan(draft),
    spans: mapValues(Object.fromEntries(draft.spans), spanSource),
    ...(draft.failures === "freely"
      ? {
          failures: draft.failures,
          notes: { failures: `Otherwise the traces would break ${draft.failuresEvidence}.` },
        }
      : {}),
    ...(outcomes === undefined
      ? {}
      : {
          outcomes: {
            attribute: outcomes.attribute,
            byName: mapValues(outcomes.byName, ({ evidence, needs, ...outcome }) => ({
              ...outcome,
              ...(needs.length === 0 ? {} : { needs }),
              comment: [evidence],
            })),
          },
        }),
    ...(undeclared.size === 0
      ? {}
      : {
          undeclared: [...undeclared].map(([key, reason]) => ({
            name: key,
            reason: `Left out: ${reason}.`,
          })),
        }),
  };
}

/** Each attribute below the first span that has it. */
function attributesBySpan({ attributes, spans }: ContractDraft): Record<string, AttributeSource> {
  let above: string | undefined;
  return Object.fromEntries(
    Object.entries(attributes).map(([identifier, attribute]) => {
      const first = [...spans.values()].find((span) => listed(span).includes(identifier));
      const isNew = first !== undefined && first.name !== above;
      above = first?.name ?? above;
      return [
        identifier,
        { ...attributeSource(attribute), ...(isNew ? { section: first.name } : {}) },
      ];
    }),
  );
}

function listed({ atStart, atEnd, onSuccess, optional }: SpanDraft): string[] {
  return [...atStart, ...atEnd, ...onSuccess, ...optional];
}

function attributeSource({ evidence, pattern, unique, ...draft }: AttributeDraft): AttributeSource {
  const known = Object.entries(draft).filter(([, value]) => value !== undefined);
  return {
    ...(Object.fromEntries(known) as unknown as AttributeSource),
    ...(pattern === undefined ? {} : { pattern: new RegExp(pattern) }),
    ...(unique === true ? { unique } : {}),
    comment: [evidence],
  };
}

function spanSource(span: SpanDraft): SpanSource {
  const { name, brief, parent, alsoUnder, kind, presence, tracer, detached, evidence } = span;
  const { atStart, atEnd, onSuccess, optional } = span;
  const lists = Object.entries({ atStart, atEnd, onSuccess, optional });
  return {
    name,
    brief,
    parent,
    ...(alsoUnder.length === 0 ? {} : { alsoUnder }),
    ...(kind === "internal" ? {} : { kind }),
    ...(presence === "always" ? {} : { presence }),
    ...(tracer === undefined ? {} : { tracer }),
    ...(detached ? { detached } : {}),
    ...Object.fromEntries(lists.filter(([, identifiers]) => identifiers.length > 0)),
    comment: [evidence],
  };
}

function mapValues<Value, Result>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value) => Result,
): Record<string, Result> {
  return Object.fromEntries(
    Object.entries(record).map(([identifier, value]) => [identifier, change(value)]),
  );
}

/** A name from a trace cannot end a comment. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ").replaceAll("*/", "* /");
}
