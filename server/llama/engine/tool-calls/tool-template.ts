import { createHash } from "node:crypto";
import { Template } from "@huggingface/jinja";
import { type LlamaText, SpecialToken } from "node-llama-cpp";
import type { ChatMessage } from "../chat-template.ts";
import type { CallForm, ToolCall, ToolDefinition } from "./call-form.ts";
import {
  type FoundForm,
  findCallForm,
  type RenderTemplate,
  type TemplateTools,
} from "./find-call-form.ts";
import { MarkedTexts } from "./marked-texts.ts";
import { writeCalls } from "./plain-tools.ts";

/** A model's own chat template, where it has a place for tools. */
export class ToolTemplate {
  readonly form: CallForm;
  readonly #template: Template;
  readonly #found: FoundForm;

  private constructor(template: Template, found: FoundForm) {
    this.#template = template;
    this.form = found.form;
    this.#found = found;
  }

  /** Undefined for a template that has no place for tools. */
  static open(text: string): ToolTemplate | undefined {
    let template: Template;
    try {
      template = new Template(text);
    } catch {
      return undefined;
    }
    const found = findCallForm((values) => render(template, "", "<probe-end>", values));
    return found && new ToolTemplate(template, found);
  }

  /**
   * The conversation and the tools, up to where the assistant speaks.
   * @throws Error when the template refuses them, or leaves out what somebody said
   */
  render(messages: readonly ChatMessage[], tools: readonly ToolDefinition[]): LlamaText {
    try {
      return this.#render(messages, tools);
    } catch (error) {
      // Some templates want a description of each argument.
      if (tools.length === 0) {
        throw error;
      }
      return this.#render(messages, tools.map(withDescriptions));
    }
  }

  #render(messages: readonly ChatMessage[], tools: readonly ToolDefinition[]): LlamaText {
    const texts = new MarkedTexts();
    const taken = this.form.writesCalls ? this.#oneByOne(messages) : messages.map(writeCalls);
    const marked = taken.map((message) => this.#toTemplate(message, texts));
    const values = {
      messages: marked,
      ...(tools.length === 0 ? {} : { tools: this.#toTemplateTools(tools, texts) }),
      isOpen: true,
    };
    const begin = texts.mark(new SpecialToken("BOS"));
    const end = texts.mark(new SpecialToken("EOS"));
    const rendered = render(this.#template, begin, end, values);
    for (const { role, content } of marked) {
      // Mistral's leaves the system's out behind a result.
      if (
        (role === "user" || role === "tool") &&
        content !== "" &&
        !texts.has(rendered, String(content))
      ) {
        throw new Error("The template left a message out.");
      }
    }
    return texts.resolve(rendered);
  }

  /** Where a turn has one call at most, each of several becomes a turn, with its result behind it. */
  #oneByOne(messages: readonly ChatMessage[]): ChatMessage[] {
    if (this.form.isParallel) {
      return [...messages];
    }
    const results = new Map(
      messages
        .filter(({ role }) => role === "tool")
        .map((message) => [message.toolCallId ?? "", message]),
    );
    return messages.flatMap((message) => {
      const { toolCalls = [] } = message;
      if (message.role === "tool") {
        return [];
      }
      if (toolCalls.length === 0) {
        return [message];
      }
      return toolCalls.flatMap((call, index) => {
        const result = results.get(call.id);
        const turn = { ...message, content: index === 0 ? message.content : "", toolCalls: [call] };
        return result === undefined ? [turn] : [turn, result];
      });
    });
  }

  #toTemplateTools(tools: readonly ToolDefinition[], texts: MarkedTexts): TemplateTools {
    const marked = tools.map((tool) => toTemplateTool(tool, texts));
    return this.#found.toolsAs === "object" ? marked : marked.map((tool) => JSON.stringify(tool));
  }

  #toTemplate(message: ChatMessage, texts: MarkedTexts): Record<string, unknown> {
    const { role, content, toolCalls, toolCallId, toolName } = message;
    return {
      role: role === "developer" ? "system" : role,
      content: texts.mark(content),
      ...(toolCalls === undefined
        ? {}
        : { tool_calls: toolCalls.map((call) => this.#toTemplateCall(call, texts)) }),
      ...(toolCallId === undefined ? {} : { tool_call_id: shortId(toolCallId), name: toolName }),
    };
  }

  #toTemplateCall({ id, name, arguments: given }: ToolCall, texts: MarkedTexts): object {
    const marked = texts.markJson(given);
    const written = this.#found.argumentsAs === "object" ? marked : JSON.stringify(marked);
    return { id: shortId(id), type: "function", function: { name, arguments: written } };
  }
}

function toTemplateTool(
  { name, description, parameters }: ToolDefinition,
  texts: MarkedTexts,
): Record<string, unknown> {
  return {
    type: "function",
    function: {
      name,
      description: texts.markJson(description ?? ""),
      parameters: texts.markJson(parameters ?? { type: "object", properties: {} }),
    },
  };
}

function withDescriptions(tool: ToolDefinition): ToolDefinition {
  const { properties } = tool.parameters ?? {};
  if (typeof properties !== "object" || properties === null) {
    return tool;
  }
  const described = Object.entries(properties).map(([name, property]) => [
    name,
    typeof property === "object" ? { description: "", ...property } : property,
  ]);
  return { ...tool, parameters: { ...tool.parameters, properties: Object.fromEntries(described) } };
}

/** Mistral's templates take ids of nine letters and digits and no others; it fits the others too. */
function shortId(id: string): string {
  return createHash("sha256").update(id).digest("hex").slice(0, 9);
}

function render(
  template: Template,
  begin: string,
  end: string,
  { messages, tools, isOpen }: Parameters<RenderTemplate>[0],
): string {
  return template.render({
    messages,
    bos_token: begin,
    eos_token: end,
    add_generation_prompt: isOpen,
    ...(tools && { tools }),
  });
}
