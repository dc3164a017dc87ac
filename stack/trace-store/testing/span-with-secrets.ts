import type { KeyValue, Span, Value } from "#contract";
import { sampleSpan } from "./sample-span.ts";

/** A span of a service with a secret in every place that takes text, also under allowed keys. */
export function spanWithSecrets(service: string, secret: string): Span {
  const text: Value = { type: "string", value: secret };
  const under = (key: string, value: Value = text): KeyValue => ({ key, value });
  const bytes: Value = { type: "bytes", value: Buffer.from(secret) };
  const map: Value = { type: "map", value: [under(secret)] };
  const rest = { droppedAttributesCount: 0 };
  return sampleSpan({
    name: secret,
    traceState: `vendor=${secret}`,
    status: { code: "error", message: secret },
    attributes: [
      under("user.note"),
      under(secret, { type: "int", value: 1n }),
      under("deep", map),
      under("raw", bytes),
      under("list", { type: "array", value: [text] }),
      under("llm.model"),
      under("http.route", { type: "string", value: `/v1/completions?q=${secret}` }),
      under("llm.tokens.out", map),
      under("error.type", { type: "array", value: [text] }),
      under("tokenizer.name", bytes),
    ],
    events: [
      { timeUnixNano: 1n, name: secret, attributes: [under("note"), under(secret)], ...rest },
      {
        timeUnixNano: 2n,
        name: "exception",
        attributes: [under("exception.message"), under("exception.type")],
        ...rest,
      },
    ],
    links: [
      {
        traceId: "1".repeat(32),
        spanId: "2".repeat(16),
        traceState: secret,
        flags: 0,
        attributes: [under(secret)],
        ...rest,
      },
    ],
    resource: {
      attributes: [
        ...(service === "" ? [] : [under("service.name", { type: "string", value: service })]),
        under("host.name"),
        under("service.version"),
      ],
      schemaUrl: secret,
      ...rest,
    },
    scope: {
      name: secret,
      version: secret,
      attributes: [under(secret)],
      schemaUrl: secret,
      ...rest,
    },
  });
}
