/** Writes a guessed contract as a person would have: the file that a team goes on with. */
import type { AttributeDraft, ContractDraft, OutcomeDraft, SpanDraft } from "./draft.ts";
import type { InferredContract } from "./infer-contract.ts";
import { counted, createIdentifiers } from "./words.ts";

export interface WriteOptions {
  /** Where the traces come from and how far back, in words. */
  readonly source: string;
  /** Where the definition functions are imported from. */
  readonly module?: string;
}

const lineWidth = 100;

export function writeContract(
  { draft, findings, traces }: Pick<InferredContract, "draft" | "findings" | "traces">,
  { source, module = "miniserve/contract" }: WriteOptions,
): string {
  const body = [
    ...attributesPart(draft),
    ...resourcePart(draft),
    ...spansPart(draft),
    ...contractPart(draft),
  ];
  const used = functionNames.filter((name) => body.some((line) => line.includes(`${name}(`)));
  return [
    "/**",
    ...wrapped(
      `The contract of ${draft.service}, inferred from ${counted(traces.length, "trace")} of ${source}. Each guess has what was seen beside it: correct it, and say in the briefs what your team means.`,
      " * ",
    ),
    ...findings.flatMap((finding) => [" *", ...wrapped(finding, " * ")]),
    " */",
    ...importLines(used, module),
    "",
    ...body,
    "",
  ].join("\n");
}

const functionNames = [
  "boolean",
  "defineAttributes",
  "defineContract",
  "defineResource",
  "defineSpanTree",
  "double",
  "int",
  "oneOf",
  "span",
  "string",
] as const;

function importLines(names: readonly string[], module: string): string[] {
  return ["import {", ...names.map((name) => `  ${name},`), `} from ${quoted(module)};`];
}

function attributesPart({ attributes, spans }: ContractDraft): string[] {
  const lines: string[] = [];
  let above = "";
  for (const [identifier, attribute] of Object.entries(attributes)) {
    const first = [...spans.values()].find((span) => listed(span).includes(identifier));
    if (first !== undefined && first.name !== above) {
      lines.push(...(above === "" ? [] : [""]), `  // ${oneLine(first.name)}`);
      above = first.name;
    }
    lines.push(...attributeLines(identifier, attribute, "  "));
  }
  return ["const attributes = defineAttributes({", ...lines, "});", ""];
}

function listed({ atStart, atEnd, onSuccess, optional }: SpanDraft): string[] {
  return [...atStart, ...atEnd, ...onSuccess, ...optional];
}

/** The lines that declare an attribute. */
export function attributeLines(
  identifier: string,
  attribute: AttributeDraft,
  indent: string,
): string[] {
  const { key, type, values, evidence } = attribute;
  const name = values === undefined ? type : "oneOf";
  const inLine = values === undefined ? "" : `, ${quotedList(values)}`;
  const start = `${indent}${identifier}: ${name}(${quoted(key)}${inLine}, {`;
  return [
    `${indent}// ${evidence}`,
    ...(start.length <= lineWidth
      ? [start]
      : [
          `${indent}${identifier}: ${name}(${quoted(key)}, [`,
          ...(values ?? []).map((value) => `${indent}  ${quoted(value)},`),
          `${indent}], {`,
        ]),
    ...descriptionLines(attribute).map((line) => `${indent}  ${line}`),
    `${indent}}),`,
  ];
}

function descriptionLines(attribute: AttributeDraft): string[] {
  const { brief, unit, min, max, pattern, values, type, examples, semconv, unique } = attribute;
  const hasExamples = values === undefined && type !== "boolean";
  return [
    `brief: ${quoted(brief)},`,
    ...(unit === undefined ? [] : [`unit: ${quoted(unit)},`]),
    ...(min === undefined ? [] : [`min: ${min},`]),
    ...(max === undefined ? [] : [`max: ${max},`]),
    ...(pattern === undefined ? [] : [`pattern: /${pattern.replaceAll(/(?<!\\)\//g, "\\/")}/,`]),
    ...(hasExamples ? [`examples: [${examples.map(literal).join(", ")}],`] : []),
    ...(semconv === undefined ? [] : [`semconv: ${quoted(semconv)},`]),
    ...(unique ? ["unique: true,"] : []),
  ];
}

function resourcePart({ resource, instance, defaults }: ContractDraft): string[] {
  const [serviceName = ""] = Object.keys(resource);
  return [
    "/** Who sends the spans. */",
    "const resource = defineResource({",
    "  attributes: defineAttributes({",
    ...Object.entries(resource).flatMap(([identifier, attribute]) =>
      attributeLines(identifier, attribute, "    "),
    ),
    "  }),",
    `  serviceName: ${quoted(serviceName)},`,
    ...(instance === undefined
      ? []
      : attributeLines("instance", instance, "  ").map((line) => line)),
    `  defaults: { ${Object.entries(defaults)
      .map(([identifier, value]) => `${identifier}: ${quoted(value)}`)
      .join(", ")} },`,
    "});",
    "",
  ];
}

function spansPart({ spans }: ContractDraft): string[] {
  return [
    "/** What one request leaves behind: its spans in the order in which its stages run. */",
    "const spans = defineSpanTree(attributes, {",
    ...[...spans].flatMap(([identifier, span]) => spanLines(identifier, span)),
    "});",
    "",
  ];
}

/** The lines that declare a span. */
export function spanLines(identifier: string, span: SpanDraft): string[] {
  const lists = (["atStart", "atEnd", "onSuccess", "optional"] as const).flatMap((list) =>
    span[list].length === 0 ? [] : listLines(list, span[list], "    "),
  );
  return [
    `  // ${oneLine(span.evidence)}`,
    `  ${identifier}: span(${quoted(span.name)}, {`,
    `    brief: ${quoted(span.brief)},`,
    `    parent: ${span.parent === null ? "null" : quoted(span.parent)},`,
    ...(span.alsoUnder.length === 0 ? [] : listLines("alsoUnder", span.alsoUnder, "    ")),
    ...(span.kind === "internal" ? [] : [`    kind: ${quoted(span.kind)},`]),
    ...(span.presence === "always" ? [] : [`    presence: ${quoted(span.presence)},`]),
    ...(span.tracer === undefined ? [] : [`    tracer: ${quoted(span.tracer)},`]),
    ...(span.detached ? ["    detached: true,"] : []),
    ...lists,
    "  }),",
  ];
}

function contractPart(draft: ContractDraft): string[] {
  const { outcomes, undeclared } = draft;
  const [exported = ""] = createIdentifiers([draft.service]).values();
  return [
    `/** What the traces of ${oneLine(draft.service)} look like. */`,
    `export const ${safeName(exported)} = defineContract({`,
    `  tracerName: ${quoted(draft.tracerName)},`,
    "  resource,",
    "  attributes,",
    "  spans,",
    "  logEvents: {},",
    "  invariants: [],",
    ...(draft.failures === "freely"
      ? [
          `  // Otherwise the traces would break ${draft.failuresEvidence}.`,
          '  failures: "freely",',
        ]
      : []),
    ...(outcomes === undefined ? [] : outcomeLines(outcomes)),
    ...(undeclared.size === 0
      ? []
      : [
          "  undeclared: [",
          ...[...undeclared].flatMap(([key, reason]) => [
            `    // Left out: ${reason}.`,
            `    ${quoted(key)},`,
          ]),
          "  ],",
        ]),
    "});",
  ];
}

function outcomeLines({ attribute, byName }: NonNullable<ContractDraft["outcomes"]>): string[] {
  return [
    "  outcomes: {",
    `    attribute: ${quoted(attribute)},`,
    "    byName: {",
    ...Object.entries(byName).flatMap(([name, outcome]) => outcomeEntry(name, outcome)),
    "    },",
    "  },",
  ];
}

function outcomeEntry(name: string, { brief, tree, rootStatus, needs, evidence }: OutcomeDraft) {
  return [
    `      // ${evidence}`,
    `      ${/^[a-z_$][\w$]*$/i.test(name) ? name : quoted(name)}: {`,
    `        brief: ${quoted(brief)},`,
    `        tree: ${quoted(tree)},`,
    `        rootStatus: ${quoted(rootStatus)},`,
    ...(needs.length === 0 ? [] : listLines("needs", needs, "        ")),
    "      },",
  ];
}

/** A list in a line, or an entry a line where that is too long. */
function listLines(name: string, items: readonly string[], indent: string): string[] {
  const line = `${indent}${name}: ${quotedList(items)},`;
  return line.length <= lineWidth
    ? [line]
    : [`${indent}${name}: [`, ...items.map((item) => `${indent}  ${quoted(item)},`), `${indent}],`];
}

/** Words that a constant cannot be called, and those that the file uses. */
const reserved = new Set<string>([
  ...functionNames,
  "attributes",
  "resource",
  "spans",
  ..."break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield await".split(
    " ",
  ),
]);

function safeName(name: string): string {
  return reserved.has(name) ? `${name}Contract` : name;
}

function quotedList(items: readonly string[]): string {
  return `[${items.map(quoted).join(", ")}]`;
}

function literal(value: string | number): string {
  return typeof value === "number" ? String(value) : quoted(value);
}

/** As a string of TypeScript, on one line whatever is in it. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A name from a trace cannot end a comment. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ").replaceAll("*/", "* /");
}

function wrapped(text: string, prefix: string): string[] {
  const lines: string[] = [];
  for (const word of oneLine(text).split(" ")) {
    const line = lines.at(-1);
    if (line === undefined || prefix.length + line.length + word.length + 1 > lineWidth) {
      lines.push(word);
    } else {
      lines[lines.length - 1] = `${line} ${word}`;
    }
  }
  return lines.map((line) => prefix + line);
}
