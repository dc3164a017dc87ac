import { z } from "zod";
import type { ToolDefinition, ToolUse } from "../llama/engine/index.ts";
import { ApiError } from "./errors.ts";

/** As many as at OpenAI. */
const maxTools = 128;

export const toolName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/);

/** OpenAI's other kinds of tools, and those of other servers: known, so that they are refused by name. */
const otherKinds: ReadonlySet<string> = new Set([
  "custom",
  "web_search",
  "web_search_preview",
  "file_search",
  "code_interpreter",
  "computer_use_preview",
  "image_generation",
  "local_shell",
  "mcp",
]);

const functionTool = z.object({
  type: z.literal("function"),
  function: z.strictObject({
    name: toolName,
    description: z.string().nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
    strict: z.boolean().nullish(),
  }),
  // For a cache, which keeps every prefix here.
  cache_control: z.unknown().optional(),
});

/** What `tools` and its companions take. */
export const toolParameters = {
  tools: z.array(functionTool).max(maxTools).nullish(),
  tool_choice: z
    .union([
      z.enum(["none", "auto", "required"]),
      z.strictObject({
        type: z.literal("function"),
        function: z.strictObject({ name: toolName }),
      }),
    ])
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
};

type ToolParameters = z.output<z.ZodObject<typeof toolParameters>>;

/** What they take, for the message when one got something else. */
export const toolParametersTake = {
  tools: `a list of up to ${maxTools} {"type": "function", "function": {name, description, parameters, strict}}, with a name of 1 to 64 letters, digits, _ and -, and a JSON Schema of an object as parameters`,
  tool_choice:
    '"none", "auto", "required" or {"type": "function", "function": {"name": a name of tools}}',
  parallel_tool_calls: "true or false",
} as const;

/**
 * How the model may call tools; undefined where there are none, or none may be called.
 * @throws ApiError `invalid_parameter`
 */
export function readToolUse({
  tools,
  tool_choice: choice,
  parallel_tool_calls: isParallel,
}: ToolParameters): ToolUse | undefined {
  const offered = (tools ?? []).map(({ function: given }): ToolDefinition => {
    const { name, description, parameters, strict } = given;
    return {
      name,
      description: description ?? undefined,
      parameters: parameters ?? undefined,
      isStrict: strict ?? false,
    };
  });
  const names = new Set(offered.map(({ name }) => name));
  if (names.size < offered.length) {
    throw invalid("tools", "Two of the tools have the same name.");
  }
  const named = typeof choice === "object" && choice !== null ? choice.function : undefined;
  if (offered.length === 0 && (named !== undefined || choice === "required")) {
    throw invalid("tool_choice", "tool_choice asks for a call, and there are no tools.");
  }
  if (named !== undefined && !names.has(named.name)) {
    throw invalid("tool_choice", "tool_choice names a tool that is not one of tools.");
  }
  if (offered.length === 0 || choice === "none") {
    return undefined;
  }
  return {
    tools: offered,
    choice: named ?? (choice === "required" ? "required" : "auto"),
    isParallel: isParallel ?? true,
  };
}

/**
 * Says which of the tools is of a kind that only others do.
 * @throws ApiError `invalid_parameter`
 */
export function refuseOtherTools(tools: unknown): void {
  for (const [index, tool] of Array.isArray(tools) ? tools.entries() : []) {
    const kind: unknown = tool?.type;
    if (typeof kind === "string" && otherKinds.has(kind)) {
      throw invalid("tools", `tools[${index}] is of type ${kind}; only function is supported.`);
    }
  }
}

function invalid(parameter: string, message: string): ApiError {
  return new ApiError("invalid_parameter", { parameter, message });
}
