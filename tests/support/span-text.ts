import type { Span } from "#contract";

/** Everything that a span holds, with its resource and scope, as text to search in. */
export function formatSpan(span: Span): string {
  return JSON.stringify(span, (_key, value: unknown) => {
    if (value instanceof Uint8Array) {
      return Buffer.from(value).toString("latin1");
    }
    return typeof value === "bigint" ? String(value) : value;
  });
}
