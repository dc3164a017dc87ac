import { readOtlpJson, type Span } from "#contract";
import { endOfJsonString } from "../json-string.ts";
import { PartBudget } from "./part-budget.ts";
import { ReceiverError } from "./receiver-error.ts";
import { nestingLimit } from "./wire-values.ts";

const faultsShown = 20;
/** Three brackets for each level of values, and those of the document around them. */
const bracketLimit = nestingLimit * 3 + 20;

/**
 * The spans of an OTLP JSON document.
 * @throws ReceiverError when it is none. The message names places and never what was found there.
 */
export function decodeJson(body: Buffer, budget = new PartBudget()): Span[] {
  const text = decodeText(body);
  if (deepestBracket(text, budget) > bracketLimit) {
    throw new ReceiverError(
      "malformed",
      `The body nests values more than ${nestingLimit} deep. Send flatter attributes.`,
    );
  }
  const document = parse(text);
  if (isEmptyExport(document)) {
    return [];
  }
  const { spans, faults } = readOtlpJson(document);
  if (faults.length > 0) {
    const shown = faults.slice(0, faultsShown);
    const more = faults.length > shown.length ? `; and ${faults.length - shown.length} more` : "";
    throw new ReceiverError(
      "malformed",
      `The body is not OTLP JSON. ${shown.map(({ path, expected }) => `${path} must be ${expected}`).join("; ")}${more}.`,
    );
  }
  return spans;
}

/** Protobuf's JSON leaves out an empty list, so an export of nothing is `{}`. */
function isEmptyExport(document: unknown): boolean {
  return (
    typeof document === "object" &&
    document !== null &&
    !Array.isArray(document) &&
    Object.keys(document).length === 0
  );
}

function decodeText(body: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw new ReceiverError("malformed", "The body is not UTF-8 text. Send OTLP JSON.");
  }
}

/** The parser's own message would repeat a piece of the body. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ReceiverError("malformed", "The body is not JSON. Send OTLP JSON.");
  }
}

/**
 * How deep brackets lie in each other: the reader of the document calls itself for each level. What
 * stands between them is counted before anything is made of it.
 */
function deepestBracket(text: string, budget: PartBudget): number {
  let depth = 0;
  let deepest = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '"') {
      index = endOfJsonString(text, index);
    } else if (character === ",") {
      budget.take(1);
    } else if (character === "[" || character === "{") {
      budget.take(1);
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (character === "]" || character === "}") {
      depth -= 1;
    }
  }
  return deepest;
}
