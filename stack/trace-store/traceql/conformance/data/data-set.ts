import { type Span, writeResourceSpans } from "#contract";
import { cornerTraces } from "./corner-traces.ts";
import { ordinaryTraces } from "./ordinary-traces.ts";
import { valueTraces } from "./value-traces.ts";

interface Scoped {
  readonly spans: readonly unknown[];
}

/** The spans of the conformance table as OTLP JSON, a span a line, so that a change can be read. */
export function dataSetJson(): string {
  const spans: Span[] = [...ordinaryTraces(), ...cornerTraces(), ...valueTraces()];
  const groups = writeResourceSpans(spans, "otlp").map(({ scopeSpans, ...group }) => {
    const scopes = (scopeSpans as unknown as Scoped[]).map(({ spans: ofScope, ...scope }) =>
      member(scope, "spans", `[\n${ofScope.map((one) => JSON.stringify(one)).join(",\n")}\n]`),
    );
    return member(group, "scopeSpans", `[${scopes.join(",\n")}]`);
  });
  return `{"resourceSpans":[\n${groups.join(",\n")}\n]}\n`;
}

/** The object with one member more, whose value is JSON already. */
function member(object: object, key: string, json: string): string {
  const others = Object.entries(object).map(
    ([name, value]) => `"${name}":${JSON.stringify(value)}`,
  );
  return `{${[...others, `"${key}":${json}`].join(",")}}`;
}
