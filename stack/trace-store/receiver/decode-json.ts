import { type ReadFault, readOtlpJson, type Span } from "#contract";
import { endOfJsonString } from "../json-string.ts";
import { type PartBudget, partsOfSpan } from "./part-budget.ts";
import { Reading } from "./reading.ts";
import { ReceiverError } from "./receiver-error.ts";
import { textOf } from "./utf8.ts";

const placesTold = 5;

/**
 * The spans of an OTLP JSON document. Members that OTLP does not have are passed over, and what
 * cannot be read costs the span that it is in.
 * @throws ReceiverError when it is no such document. The message names places and never what was
 *   found there.
 */
export function decodeJson(body: Buffer, reading = new Reading()): Span[] {
  const text = textOf(body);
  countParts(text, reading.budget);
  const document = parse(text);
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw notOtlp("the document must be an object");
  }
  // Protobuf's JSON leaves out an empty list, so an export of nothing is `{}`.
  const { resourceSpans = null } = document as { resourceSpans?: unknown };
  if (resourceSpans !== null && !Array.isArray(resourceSpans)) {
    throw notOtlp("resourceSpans must be an array");
  }
  countSpans(resourceSpans ?? [], reading.budget);
  const { spans, faults, outcomes } = readOtlpJson({ resourceSpans: resourceSpans ?? [] });
  for (const outcome of outcomes) {
    reading.outcomes.push(outcome);
  }
  if (outcomes.length > 0) {
    reading.places.push(...faults.slice(0, placesTold).map(sentenceOf));
  }
  return spans;
}

function notOtlp(why: string): ReceiverError {
  return new ReceiverError("malformed", `The body is not OTLP JSON: ${why}.`);
}

function sentenceOf({ path, expected }: ReadFault): string {
  return `${path} must be ${expected}.`;
}

/** The parser's own message would repeat a piece of the body. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ReceiverError("malformed", "The body is not JSON. Send OTLP JSON.");
  }
}

/** What stands between brackets and commas is counted before anything is made of it. */
function countParts(text: string, budget: PartBudget): void {
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '"') {
      index = endOfJsonString(text, index);
    } else if (character === "," || character === "[" || character === "{") {
      budget.take(1);
    }
  }
}

/** A span may be written in three characters, and is as large in memory as one from protobuf. */
function countSpans(resourceSpans: readonly unknown[], budget: PartBudget): void {
  for (const group of resourceSpans) {
    for (const scopeSpans of itemsOf(group, "scopeSpans", "instrumentationLibrarySpans")) {
      budget.take(itemsOf(scopeSpans, "spans").length * (partsOfSpan - 1));
    }
  }
}

function itemsOf(entry: unknown, ...keys: readonly string[]): readonly unknown[] {
  const object = typeof entry === "object" ? (entry as Record<string, unknown> | null) : null;
  return keys.map((key) => object?.[key]).find(Array.isArray) ?? [];
}
