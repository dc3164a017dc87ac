import assert from "node:assert/strict";
import type { Span } from "#contract";
import type { Done, RequestTrace } from "../../server/tracing/index.ts";
import { spans } from "./traced-contract.ts";
import { type Handler, requestStart, type TracedService } from "./traced-service.ts";

/** The spans of a trace, once the root of its request has arrived. */
export async function received(service: TracedService, traceId: string): Promise<Span[]> {
  await service.receiver.waitFor(`the root of ${traceId}`, (all) =>
    all.some((span) => span.traceId === traceId && span.name === spans.handler.name),
  );
  return service.receiver.findSpans(traceId);
}

/** Runs a request to its end, whatever its body throws, and gives its trace. */
export async function run(
  service: TracedService,
  body: (request: RequestTrace<Handler>) => Promise<Done<Handler, unknown>>,
): Promise<{ found: Span[]; thrown: unknown }> {
  let traceId = "";
  let thrown: unknown;
  try {
    await service.tracing.traceRequest(spans.handler, requestStart(), (request) => {
      traceId = request.traceId;
      return body(request);
    });
  } catch (error) {
    thrown = error;
  }
  return { found: await received(service, traceId), thrown };
}

/** The one span with the definition's name. */
export function named(found: readonly Span[], { name }: { readonly name: string }): Span {
  const [span, ...others] = found.filter((candidate) => candidate.name === name);
  assert.ok(span !== undefined && others.length === 0, `one ${name}`);
  return span;
}

export function plain({ attributes }: Pick<Span, "attributes">): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, "value" in value ? value.value : undefined]),
  );
}

/** Everything in a value as one text, to look for what must not be in it. */
export function toText(value: unknown): string {
  return JSON.stringify(value, (_key, part) => (typeof part === "bigint" ? String(part) : part));
}
