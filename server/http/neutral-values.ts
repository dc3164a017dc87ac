/** Modifies what is off anyway, so no value of it asks for anything. */
const any = Symbol("any value");

/**
 * Parameters that we know and do not do, each with the values that ask for nothing: OpenAI's, and those
 * that clients of llama.cpp, vLLM and other servers send. `null` and an empty list ask for nothing
 * whatever the parameter.
 */
export const neutralValues: Readonly<Record<string, readonly unknown[] | typeof any>> = {
  best_of: [1],
  echo: [false],
  suffix: [""],
  // For completions, which have another.
  top_logprobs: [0],
  // For completions, which have none.
  tools: [],
  tool_choice: ["none", "auto"],
  parallel_tool_calls: [true, false],
  functions: [],
  function_call: ["none", "auto"],
  // And a list of "text" alone.
  modalities: [],
  audio: [],
  prediction: [],
  reasoning_effort: ["none"],
  verbosity: ["medium"],
  web_search_options: [],
  moderation: [],
  store: [false],
  service_tier: ["auto", "default"],
  grammar: [""],
  json_schema: [],
  guided_json: [],
  guided_regex: [],
  guided_choice: [],
  guided_grammar: [],
  typical_p: [1],
  tfs_z: [1],
  top_a: [0],
  top_n_sigma: [-1],
  length_penalty: [1],
  repeat_last_n: any,
  penalize_nl: any,
  mirostat: [0],
  mirostat_tau: any,
  mirostat_eta: any,
  dynatemp_range: [0],
  dynatemp_exponent: any,
  xtc_probability: [0],
  xtc_threshold: any,
  dry_multiplier: [0],
  dry_base: any,
  dry_allowed_length: any,
  dry_penalty_last_n: any,
  n_probs: [0],
  n_keep: [0],
  min_keep: [0],
  min_tokens: [0],
  ignore_eos: [false],
  cache_prompt: [true],
  stop_token_ids: [],
  skip_special_tokens: [true],
  spaces_between_special_tokens: any,
  include_stop_str_in_output: [false],
  use_beam_search: [false],
  chat_template: [],
  chat_template_kwargs: [],
  add_generation_prompt: [true],
  continue_final_message: [false],
};

/** Where an empty object is as good as none; of others, it asks for what they are by default. */
const emptyObjectIsNothing: ReadonlySet<string> = new Set(["chat_template_kwargs", "prediction"]);

/** Whether a parameter that we do not do changes nothing with this value. */
export function asksForNothing(name: string, value: unknown): boolean {
  const neutral = Object.hasOwn(neutralValues, name) ? neutralValues[name] : undefined;
  if (neutral === undefined) {
    return false;
  }
  if (value === null || neutral === any || neutral.includes(value)) {
    return true;
  }
  if (Array.isArray(value)) {
    // `modalities: ["text"]` asks for what is done anyway.
    return value.every((item) => name === "modalities" && item === "text");
  }
  const isEmpty = typeof value === "object" && Object.keys(value).length === 0;
  return isEmpty && emptyObjectIsNothing.has(name);
}
