/**
 * Chat templates as those of known families put tools, calls and results, in our own words and without
 * what is not about them.
 */
const template = (...lines: readonly string[]): string => lines.join("");

/** Qwen 2.5 and 3: JSON in a tag for each call; results are the user's, those in a row in one turn. */
export const qwen = template(
  "{%- if tools %}{{- '<|im_start|>system\\n' }}",
  "{%- if messages[0].role == 'system' %}{{- messages[0].content + '\\n\\n' }}{%- endif %}",
  "{{- '# Tools\\n\\nYou may call these functions:\\n<tools>' }}{%- for tool in tools %}{{- '\\n' + (tool | tojson) }}{%- endfor %}",
  '{{- "\\n</tools>\\n\\nAnswer with calls:\\n<tool_call>\\n{\\"name\\": <name>, \\"arguments\\": <arguments>}\\n</tool_call><|im_end|>\\n" }}',
  "{%- elif messages[0].role == 'system' %}{{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}{%- endif %}",
  "{%- for message in messages %}",
  "{%- if message.role == 'user' or (message.role == 'system' and not loop.first) %}",
  "{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}",
  "{%- elif message.role == 'assistant' %}",
  "{{- '<|im_start|>assistant' }}{%- if message.content %}{{- '\\n' + message.content }}{%- endif %}",
  "{%- if not message.content and not message.tool_calls %}{{- '\\n' }}{%- endif %}",
  "{%- if message.tool_calls %}{%- for call in message.tool_calls %}{%- if call.function %}{%- set call = call.function %}{%- endif %}",
  "{{- '\\n<tool_call>\\n{\"name\": \"' + call.name + '\", \"arguments\": ' }}{{- call.arguments | tojson }}{{- '}\\n</tool_call>' }}{%- endfor %}{%- endif %}",
  "{{- '<|im_end|>\\n' }}",
  "{%- elif message.role == 'tool' %}",
  "{%- if loop.index0 == 0 or messages[loop.index0 - 1].role != 'tool' %}{{- '<|im_start|>user' }}{%- endif %}",
  "{{- '\\n<tool_response>\\n' + message.content + '\\n</tool_response>' }}",
  "{%- if loop.last or messages[loop.index0 + 1].role != 'tool' %}{{- '<|im_end|>\\n' }}{%- endif %}",
  "{%- endif %}{%- endfor %}",
  "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}",
);

/** Hermes: the same tags, with line breaks of its own, and results in turns of a role of their own. */
export const hermes = template(
  "{{ bos_token }}<|im_start|>system\n{%- if tools %}\nYou call functions, listed in <tools></tools>: <tools>",
  '{%- for tool in tools %}{{ tool | tojson }}{%- endfor %}</tools> For each call write:\n<tool_call>\n{"name": NAME, "arguments": ARGUMENTS}\n</tool_call>{%- endif %}<|im_end|>\n',
  "{%- for message in messages %}",
  "{%- if message.role == 'user' or message.role == 'system' or (message.role == 'assistant' and message.tool_calls is not defined) %}",
  "{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}",
  "{%- elif message.role == 'assistant' %}{{ '<|im_start|>' + message.role }}",
  "{%- for tool_call in message.tool_calls %}{%- set tool_call = tool_call.function %}",
  "{{ '\\n<tool_call>\\n' }}{{ '{\"name\": \"' }}{{ tool_call.name }}{{ '\", \"arguments\": ' }}{{ tool_call.arguments | tojson }}{{ '}' }}{{ '\\n</tool_call>' }}",
  "{%- endfor %}{{ '<|im_end|>\\n' }}",
  "{%- elif message.role == 'tool' %}",
  "{{ '<|im_start|>tool\\n<tool_response>\\n' + message.content + '\\n</tool_response><|im_end|>\\n' }}",
  "{%- endif %}{%- endfor %}",
  "{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{%- endif %}",
);

/** Llama 3: JSON alone, one call in a turn, tools in the user's first message. */
export const llama3 = template(
  "{{- bos_token }}{%- if not tools is defined %}{%- set tools = none %}{%- endif %}",
  "{%- if messages[0].role == 'system' %}{%- set system = messages[0].content | trim %}{%- set messages = messages[1:] %}{%- else %}{%- set system = '' %}{%- endif %}",
  "{{- '<|start_header_id|>system<|end_header_id|>\\n\\n' }}{%- if tools is not none %}{{- 'Environment: ipython\\n' }}{%- endif %}{{- system + '<|eot_id|>' }}",
  "{%- if tools is not none %}{%- set first = messages[0].content | trim %}{%- set messages = messages[1:] %}",
  '{{- \'<|start_header_id|>user<|end_header_id|>\\n\\nAnswer with a call, as {"name": name, "parameters": dictionary}.\\n\\n\' }}',
  "{%- for t in tools %}{{- t | tojson(indent=4) }}{{- '\\n\\n' }}{%- endfor %}{{- first + '<|eot_id|>' }}{%- endif %}",
  "{%- for message in messages %}",
  "{%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}",
  "{{- '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' + message.content | trim + '<|eot_id|>' }}",
  "{%- elif 'tool_calls' in message %}",
  "{%- if not message.tool_calls | length == 1 %}{{- raise_exception('One call at a time!') }}{%- endif %}",
  "{%- set tool_call = message.tool_calls[0].function %}",
  "{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{{- '{\"name\": \"' + tool_call.name + '\", ' }}{{- '\"parameters\": ' }}{{- tool_call.arguments | tojson }}{{- '}' }}{{- '<|eot_id|>' }}",
  "{%- else %}{{- '<|start_header_id|>ipython<|end_header_id|>\\n\\n' }}",
  "{%- if message.content is mapping or message.content is iterable %}{{- message.content | tojson }}{%- else %}{{- message.content }}{%- endif %}{{- '<|eot_id|>' }}",
  "{%- endif %}{%- endfor %}",
  "{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{%- endif %}",
);

/** Mistral: a list of calls behind a tag, ids of nine characters, tools before the user's last message. */
export const mistral = template(
  "{%- if not tools is defined %}{%- set tools = none %}{%- endif %}",
  "{%- if messages[0].role == 'system' %}{%- set system = messages[0].content %}{%- set messages = messages[1:] %}{%- endif %}",
  "{%- set user_messages = messages | selectattr('role', 'equalto', 'user') | list %}{{- bos_token }}",
  "{%- for message in messages %}",
  "{%- if message.role == 'user' %}{%- if tools is not none and message == user_messages[-1] %}",
  "{{- '[AVAILABLE_TOOLS] [' }}{%- for tool in tools %}{%- set tool = tool.function %}",
  '{{- \'{"type": "function", "function": {\' }}{%- for key, val in tool.items() %}',
  "{%- if val is string %}{{- '\"' + key + '\": \"' + val + '\"' }}{%- else %}{{- '\"' + key + '\": ' + val | tojson }}{%- endif %}{%- if not loop.last %}{{- ', ' }}{%- endif %}{%- endfor %}",
  "{{- '}}' }}{%- if not loop.last %}{{- ', ' }}{%- else %}{{- ']' }}{%- endif %}{%- endfor %}{{- '[/AVAILABLE_TOOLS]' }}{%- endif %}",
  "{{- '[INST] ' }}{%- if loop.last and system is defined %}{{- system + '\\n\\n' }}{%- endif %}{{- message.content + '[/INST]' }}",
  "{%- elif message.tool_calls is defined and message.tool_calls is not none %}",
  "{{- '[TOOL_CALLS] [' }}{%- for tool_call in message.tool_calls %}{%- set out = tool_call.function | tojson %}{{- out[:-1] }}",
  "{%- if not tool_call.id is defined or tool_call.id | length != 9 %}{{- raise_exception('Ids have nine characters!') }}{%- endif %}",
  "{{- ', \"id\": \"' + tool_call.id + '\"}' }}{%- if not loop.last %}{{- ', ' }}{%- else %}{{- ']' + eos_token }}{%- endif %}{%- endfor %}",
  "{%- elif message.role == 'assistant' %}{{- ' ' + message.content + eos_token }}",
  "{%- elif message.role == 'tool' %}",
  "{%- if not message.tool_call_id is defined or message.tool_call_id | length != 9 %}{{- raise_exception('Ids have nine characters!') }}{%- endif %}",
  "{{- '[TOOL_RESULTS] {\"content\": ' + message.content | string + ', \"call_id\": \"' + message.tool_call_id + '\"}[/TOOL_RESULTS]' }}",
  "{%- else %}{{- raise_exception('No such role!') }}{%- endif %}{%- endfor %}",
);

/** Newer Mistral: a tag and a name for each call, and another tag before the arguments. */
export const mistralTags = template(
  "{{- bos_token }}{%- if tools %}{{- '[AVAILABLE_TOOLS]' + (tools | tojson) + '[/AVAILABLE_TOOLS]' }}{%- endif %}",
  "{%- for message in messages %}{%- if message.role == 'user' %}{{- '[INST]' + message.content + '[/INST]' }}",
  "{%- elif message.role == 'system' %}{{- '[SYSTEM_PROMPT]' + message.content + '[/SYSTEM_PROMPT]' }}",
  "{%- elif message.role == 'tool' %}{{- '[TOOL_RESULTS]' + message.content + '[/TOOL_RESULTS]' }}",
  "{%- else %}{{- message.content }}{%- if message.tool_calls %}{%- for call in message.tool_calls %}",
  "{%- set arguments = call.function.arguments %}{%- if arguments is not string %}{%- set arguments = arguments | tojson %}{%- endif %}",
  "{{- '[TOOL_CALLS]' + call.function.name + '[ARGS]' + arguments }}{%- endfor %}{%- endif %}{{- eos_token }}{%- endif %}{%- endfor %}",
);

/** SmolLM 2: knows nothing of tools. */
export const smollm2 = template(
  "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\nBe helpful.<|im_end|>\\n' }}{% endif %}",
  "{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}",
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
);

/** SmolLM 3: lists tools, each as text, and has no place for calls that were made. */
export const smollm3 = template(
  "{{- '<|im_start|>system\\n' }}{%- if messages[0].role == 'system' %}{{- messages[0].content }}{%- endif %}",
  "{%- if xml_tools or tools %}{%- if tools %}{%- set xml_tools = tools %}{%- endif %}{{- '### Tools\\n\\n<tools>\\n' }}{%- for tool in xml_tools[:] %}{{- (tool | string) ~ '\\n' }}{%- endfor %}",
  '{{- "</tools>\\n\\nAnswer with calls:\\n<tool_call>\\n{\\"name\\": <name>, \\"arguments\\": <arguments>}\\n</tool_call>" }}{%- endif %}{{- "<|im_end|>\\n" }}',
  "{%- for message in messages %}{%- if message.role == 'user' %}{{- '<|im_start|>user\\n' + message.content + '<|im_end|>\\n' }}",
  "{%- elif message.role == 'assistant' %}{{- '<|im_start|>assistant\\n' + message.content.lstrip('\\n') + '<|im_end|>\\n' }}",
  "{%- elif message.role == 'tool' %}{{- '<|im_start|>user\\n' + message.content + '<|im_end|>\\n' }}{%- endif %}{%- endfor %}",
  "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}",
);
