import { findValue, type Span, spans } from "#contract";
import type { MadeRequest } from "./requests.ts";

/** Where the trace says something else than the answer did. */
export function answerFaults(request: MadeRequest): string[] {
  const { answer, route, streamed } = request;
  const { handler, prefill, decode } = spans;
  const expectations = [
    [handler, "statusCode", answer.status],
    [handler, "route", route],
    [handler, "streamed", streamed],
    [handler, "requestId", answer.id],
    [handler, "model", answer.model],
    [handler, "outcome", "completed"],
    [prefill, "tokensIn", answer.promptTokens],
    [decode, "tokensOut", answer.completionTokens],
    [decode, "stopReason", answer.finishReason],
  ] as const;
  return expectations.flatMap(([definition, identifier, expected]) => {
    const attribute = definition.attributes[identifier];
    const span = request.spans.find(({ name }) => name === definition.name);
    // What is missing has been reported as a violation of the contract.
    const seen = span && attribute && plainValue(span, attribute.key);
    return seen === undefined || seen === expected
      ? []
      : [
          `${definition.name} ${attribute?.key} is ${seen}, and the answer said ${expected ?? "nothing"}.`,
        ];
  });
}

function plainValue(span: Span, key: string): string | number | boolean | undefined {
  const value = findValue(span.attributes, key);
  switch (value?.type) {
    case "string":
    case "bool":
    case "double":
      return value.value;
    case "int":
      return Number(value.value);
    default:
      return undefined;
  }
}
