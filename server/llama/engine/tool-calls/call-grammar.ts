import { formsOfArguments, GrammarWriter, literal, SchemaRefused } from "../json-output/index.ts";
import { type CallForm, idMark, type ToolDefinition, triggerOf } from "./call-form.ts";

/** How a client lets the model use its tools. */
export interface ToolUse {
  /** At least one, with names that differ. */
  readonly tools: readonly ToolDefinition[];
  /** Whether an answer may be text, must be calls, or must be a call of the tool of this name. */
  readonly choice: "auto" | "required" | { readonly name: string };
  readonly isParallel: boolean;
}

/**
 * What all tools together may come to: llama.cpp takes 0.1 s for such a grammar, and nobody else is
 * served meanwhile. One schema has limits of its own.
 */
export const toolLimits = { repetitions: 100_000, characters: 500_000 } as const;

/** A model that goes on with calls for ever ends with these. */
const maxCalls = 16;

/**
 * A grammar in llama.cpp's notation for the calls of an answer: from its beginning where it must have
 * some, otherwise from behind what announces them.
 *
 * @throws SchemaRefused with the place of the tool in the list
 */
export function grammarForCalls(form: CallForm, { tools, choice, isParallel }: ToolUse): string {
  const writer = new GrammarWriter();
  const named = typeof choice === "object" ? choice.name : undefined;
  const calls = new Map<string, string>();
  for (const [index, tool] of tools.entries()) {
    if (named === undefined || tool.name === named) {
      const json = argumentsExpression(writer, tool, index);
      checkSize(writer);
      calls.set(tool.name, [sequence(form.between), json, afterCall(form.after)].join(" "));
    }
  }
  const call = writer.rule(writer.choice(calls));
  const head = choice === "auto" ? triggerOf(form).rest : (form.opening + form.before).trimStart();
  const areSeveral = isParallel && form.isParallel && named === undefined;
  const next = `${sequence(form.separator + form.before)} ${call}`;
  const more = areSeveral ? `( ${next} ){0,${maxCalls - 1}}` : "";
  return writer.write([sequence(head), call, more, sequence(form.closing)].join(" "));
}

function argumentsExpression(
  writer: GrammarWriter,
  { parameters, isStrict }: ToolDefinition,
  index: number,
): string {
  try {
    return writer.json(formsOfArguments(schemaOfArguments(parameters), { isStrict }));
  } catch (error) {
    if (error instanceof SchemaRefused) {
      throw new SchemaRefused([`In tools[${index}]:`, ...error.faults]);
    }
    throw error;
  }
}

function checkSize(writer: GrammarWriter): void {
  const { repetitions, characters } = writer.size;
  if (repetitions > toolLimits.repetitions) {
    throw new SchemaRefused([
      `Their minLength, maxLength, minItems and maxItems together are more than ${toolLimits.repetitions}.`,
    ]);
  }
  if (characters > toolLimits.characters) {
    throw new SchemaRefused(["Their names, values and subschemas together are too many."]);
  }
}

/** Without parameters, and with an empty list of them, a tool takes none. */
function schemaOfArguments(parameters: ToolDefinition["parameters"]): unknown {
  const { properties = parameters === undefined ? {} : undefined } = parameters ?? {};
  const hasNone =
    typeof properties === "object" && properties !== null && Object.keys(properties).length === 0;
  return hasNone ? { type: "object", additionalProperties: false, ...parameters } : parameters;
}

/** Mistral's calls may end with an id. */
function afterCall(after: string): string {
  const withoutId = after.replace(/,\s*"\w*id"\s*:\s*"%id%"/, "");
  return withoutId === after ? sequence(after) : `( ${sequence(after)} | ${sequence(withoutId)} )`;
}

/** A text of a form, in which ids are nine letters and digits. */
function sequence(text: string): string {
  const parts = text.split(idMark).map((part) => (part === "" ? "" : literal(part)));
  return parts.join(" [a-zA-Z0-9]{9} ");
}
