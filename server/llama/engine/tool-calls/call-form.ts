/** A tool that a client offers to the model. */
export interface ToolDefinition {
  /** Only characters of [a-zA-Z0-9_-], 1 to 64 of them. */
  readonly name: string;
  readonly description: string | undefined;
  /** A JSON Schema of an object; left out, the tool takes no arguments. */
  readonly parameters: Readonly<Record<string, unknown>> | undefined;
  /** Whether calls must be valid by all of the schema, or by what a grammar can say of it. */
  readonly isStrict: boolean;
}

/** A call that the model made, as a client sends it back. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/**
 * How a model writes its calls: `opening`, then calls with `separator` between them, then `closing`. A
 * call is `before`, its name, `between`, its arguments as JSON, and `after`. `idMark` in one of these
 * texts stands for an id.
 */
export interface CallForm {
  readonly opening: string;
  readonly before: string;
  readonly between: string;
  readonly after: string;
  readonly separator: string;
  readonly closing: string;
  /** Whether one answer may have several calls. */
  readonly isParallel: boolean;
  /** Whether the template lists the tools itself. */
  readonly listsTools: boolean;
  /** Whether the template writes calls of the conversation itself. */
  readonly writesCalls: boolean;
}

/** Stands for an id in the texts of a form. No template has it. */
export const idMark = "%id%";

/** What templates that know nothing of tools are given: the form of Hermes and Qwen, in plain text. */
export const plainForm: CallForm = {
  opening: "",
  before: '<tool_call>\n{"name": "',
  between: '", "arguments": ',
  after: "}\n</tool_call>",
  separator: "\n",
  closing: "",
  isParallel: true,
  listsTools: false,
  writesCalls: false,
};

/** How an answer that may have calls is told from text. */
export interface CallTrigger {
  /** With these a call begins; only at the start of an answer where the form has no tag of its own. */
  readonly texts: readonly string[];
  readonly isAtStart: boolean;
  /** What of `opening` and `before` follows the trigger. */
  readonly rest: string;
}

/** Llama 3 may write it before a call that has no tag of its own. */
const pythonTag = "<|python_tag|>";

/** What announces a call in this form: its tag, or, where it has none, all that comes before the name. */
export function triggerOf({ opening, before }: CallForm): CallTrigger {
  const head = opening + before;
  const [whole, tag] = /^\s*(<[^<>\s]+>|\[[A-Z_]+\])/.exec(head) ?? [];
  if (whole !== undefined && tag !== undefined) {
    return { texts: [tag], isAtStart: false, rest: head.slice(whole.length) };
  }
  const start = head.trimStart();
  return { texts: [start, pythonTag + start], isAtStart: true, rest: "" };
}
