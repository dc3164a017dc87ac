import { type CallForm, idMark, plainForm } from "./call-form.ts";

/** A message and a tool as templates know them, in OpenAI's shapes. */
export type TemplateMessage = Readonly<Record<string, unknown>>;
/** Some templates take each as text. */
export type TemplateTools = readonly Readonly<Record<string, unknown>>[] | readonly string[];

/** Renders with a template. @throws whatever the template refuses with */
export type RenderTemplate = (values: {
  readonly messages: readonly TemplateMessage[];
  readonly tools?: TemplateTools;
  readonly isOpen: boolean;
}) => string;

/** How a template takes the tools, and the arguments of a call. */
export type JsonAs = "object" | "text";

export interface FoundForm {
  readonly form: CallForm;
  readonly toolsAs: JsonAs;
  readonly argumentsAs: JsonAs;
}

const probeId = "Qx7Lm2Vk9";
const toolName = "probe_tool_name";
const probeTool = {
  type: "function",
  function: {
    name: toolName,
    description: "Probes.",
    parameters: {
      type: "object",
      properties: { probe_argument: { type: "string", description: "Anything." } },
      required: ["probe_argument"],
    },
  },
};
const question = { role: "user", content: "A probe." };
const said = "probe answer";

const calledName = (index: number): string => `probe_called_${index}`;

function calls(count: number, argumentsAs: JsonAs): TemplateMessage[] {
  const indexes = Array.from({ length: count }, (_, index) => index);
  const values = (index: number) => ({ [`probe_key_${index}`]: `probe_value_${index}` });
  const call = (index: number) => ({
    id: probeId,
    type: "function",
    function: {
      name: calledName(index),
      arguments: argumentsAs === "object" ? values(index) : JSON.stringify(values(index)),
    },
  });
  const results = indexes.map((index) => ({
    role: "tool",
    content: "probe_result",
    tool_call_id: probeId,
    name: calledName(index),
  }));
  // With a result behind it, because some templates write a call at the end in another way.
  return [question, { role: "assistant", content: "", tool_calls: indexes.map(call) }, ...results];
}

/** What templates that describe calls in the plain form say of them. Hermes 2 has the name behind. */
const plainDescription = /<tool_call>\s*\{\s*"(name|arguments)"/;

/**
 * How a template has the model write calls, found out by rendering some: no name of a model is asked.
 * Undefined for a template that has no place for tools, or has them called in another way.
 */
export function findCallForm(render: RenderTemplate): FoundForm | undefined {
  for (const toolsAs of ["object", "text"] as const) {
    const tools = toolsAs === "object" ? [probeTool] : [JSON.stringify(probeTool)];
    const opened = attempt(() => render({ messages: [question], tools, isOpen: true }));
    if (opened?.includes(toolName)) {
      const found = findWrittenForm(render, tools, opened) ?? findDescribedForm(opened);
      return found && { ...found, toolsAs };
    }
  }
  return undefined;
}

function findWrittenForm(
  render: RenderTemplate,
  tools: TemplateTools,
  opened: string,
): Omit<FoundForm, "toolsAs"> | undefined {
  for (const argumentsAs of ["object", "text"] as const) {
    const withCalls = (count: number): string | undefined =>
      attempt(() => render({ messages: calls(count, argumentsAs), tools, isOpen: false }));
    const form = compareCalls({
      opened,
      one: withCalls(1),
      two: withCalls(2),
      afterText: afterText(render, tools),
    });
    if (form !== undefined) {
      return { form, argumentsAs };
    }
  }
  return undefined;
}

/** SmolLM 3 lists tools and describes the form, but has no place for calls that were made. */
function findDescribedForm(opened: string): Omit<FoundForm, "toolsAs"> | undefined {
  return plainDescription.test(opened)
    ? { form: { ...plainForm, listsTools: true }, argumentsAs: "object" }
    : undefined;
}

/** What a template writes behind an answer in plain text. */
function afterText(render: RenderTemplate, tools: TemplateTools): string {
  const messages = [question, { role: "assistant", content: said }, question];
  const rendered = attempt(() => render({ messages, tools, isOpen: false })) ?? "";
  const at = rendered.lastIndexOf(said);
  return at === -1 ? "" : rendered.slice(at + said.length);
}

interface Renderings {
  /** Up to where the assistant speaks. */
  readonly opened: string;
  readonly one: string | undefined;
  readonly two: string | undefined;
  readonly afterText: string;
}

function compareCalls({ opened, one, two, afterText }: Renderings): CallForm | undefined {
  const single = one === undefined ? undefined : splitCall(one, 0);
  if (one === undefined || single === undefined) {
    return undefined;
  }
  const head = one.slice(commonBeginning(opened, one).length, single.nameAt);
  const end = endOfTurn(single.behind, afterText);
  const again = two === undefined ? undefined : splitCall(two, 1);
  const first = two === undefined ? undefined : splitCall(two, 0);
  const shared = { between: single.between, listsTools: true, writesCalls: true };
  if (two === undefined || again === undefined || first === undefined) {
    const form = { opening: "", before: head, after: end, separator: "", closing: "" };
    return usable({ ...form, ...shared, isParallel: false });
  }
  const gap = first.behind.slice(0, again.nameAt - (two.length - first.behind.length));
  const after = commonBeginning(gap, single.behind);
  const link = gap.slice(after.length);
  const before = commonEnd(head, link);
  return usable({
    opening: head.slice(0, head.length - before.length),
    before,
    after,
    separator: link.slice(0, link.length - before.length),
    closing: end.slice(after.length).trimEnd(),
    isParallel: true,
    ...shared,
  });
}

/** A form that answers can be read by; in the texts, what stood for an id is a mark. */
function usable(form: CallForm): CallForm | undefined {
  const { opening, before, between, after, separator, closing } = form;
  const texts = [opening, before, between, after, separator, closing];
  const isClear =
    before !== "" && /^[^\w-]/.test(between) && texts.every((text) => text.length < 200);
  if (!isClear || texts.some((text) => text.includes("probe_"))) {
    return undefined;
  }
  const marked = (text: string): string => text.replaceAll(probeId, idMark);
  return {
    ...form,
    opening: marked(opening),
    before: marked(before),
    between: marked(between),
    after: marked(after),
    separator: marked(separator),
    closing: marked(closing),
  };
}

interface SplitCall {
  readonly nameAt: number;
  readonly between: string;
  /** All that follows the arguments. */
  readonly behind: string;
}

/** A call with its arguments as JSON; undefined where there is none. */
function splitCall(rendered: string, index: number): SplitCall | undefined {
  const name = calledName(index);
  const nameAt = rendered.indexOf(name);
  const rest = rendered.slice(nameAt + name.length);
  const json = new RegExp(`\\{\\s*"probe_key_${index}"\\s*:\\s*"probe_value_${index}"\\s*\\}`).exec(
    rest,
  );
  if (nameAt === -1 || json === null) {
    return undefined;
  }
  const between = rest.slice(0, json.index);
  return { nameAt, between, behind: rest.slice(json.index + json[0].length) };
}

/** What of a text comes before the end of the turn, which is what ends a turn of plain text too. */
function endOfTurn(behind: string, afterText: string): string {
  const [ending] = /^\s*(<[^<>]+>|\[[^[\]]+\])/.exec(afterText) ?? [];
  const at = ending === undefined ? -1 : behind.indexOf(ending.trim());
  return at === -1 ? behind : behind.slice(0, at);
}

function commonBeginning(one: string, other: string): string {
  let length = 0;
  while (length < one.length && one[length] === other[length]) {
    length += 1;
  }
  const common = one.slice(0, length);
  // Two tags that begin alike have nothing in common.
  return common.replace(/(<[^<>]{0,40}|\[[^[\]]{0,40})$/, (open) =>
    /[{"]/.test(open) ? open : "",
  );
}

function commonEnd(one: string, other: string): string {
  let length = 0;
  while (
    length < Math.min(one.length, other.length) &&
    one.at(-1 - length) === other.at(-1 - length)
  ) {
    length += 1;
  }
  return length === 0 ? "" : one.slice(-length);
}

function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    // What a template refuses, it has no place for.
    return undefined;
  }
}
