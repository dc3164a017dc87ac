/** For tests: what a real server leaves behind of requests of every kind, and what it never would. */
import type { TestContext } from "node:test";
import { findString, type Span } from "#contract";
import { miniserve, spans } from "#miniserve";
import { certainRequests } from "../endurance/certain-requests.ts";
import { Clients } from "../endurance/client.ts";
import { engineWithFaults } from "../endurance/engine-with-faults.ts";
import { indexNames } from "../endurance/planned-content.ts";
import { FaultPlan } from "../endurance/planned-faults.ts";
import { retrieverWithFaults } from "../endurance/retriever-with-faults.ts";
import { createTraceSpans, plants } from "../queries/seeded-requests.ts";
import { InProcessServer } from "../support/in-process-server.ts";
import { chat, documents, IndexScene } from "../support/index-fixture.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { postJson } from "../support/post-json.ts";

const settings = {
  MINISERVE_SLOTS: "8",
  MINISERVE_REQUEST_TIMEOUT_MS: "1000",
  MINISERVE_DECODE_STEP_SPANS: "every:2",
};

export interface LiveRequests {
  readonly spans: readonly Span[];
  /** A request with retrieval that went well: its trace, and the id that its client got. */
  readonly traceId: string;
  readonly requestId: string;
  /** The build that all of them say they are of, which no other run has. */
  readonly serviceVersion: string;
}

/** Asks a real server in all ways that there are, and adds what only other programs would send. */
export async function liveRequests(t: TestContext): Promise<LiveRequests> {
  const receiver = await OtlpReceiver.start();
  t.after(() => receiver.stop());
  const faultPlan = new FaultPlan();
  const server = await InProcessServer.start({
    receiver,
    settings,
    engine: (real) => engineWithFaults(real, faultPlan),
    retriever: (real) => retrieverWithFaults(real, faultPlan),
  });
  try {
    await using scene = await IndexScene.open(documents);
    await scene.build(server.indexesDirectory, indexNames.usable, server.embedder);
    const traceId = await askInAllWays(server.url);
    const clients = new Clients(server, faultPlan);
    for (const plan of certainRequests) {
      await clients.play(plan);
    }
    await server.stop();
    const own = receiver.spans.filter(({ traceId: id }) => id === traceId);
    const handler = own.find(({ name }) => name === spans.handler.name);
    const { key } = miniserve.attributes.requestId;
    const requestId = findString(handler?.attributes ?? [], key) ?? "";
    const serviceVersion = `1.0.${Date.now()}`;
    const all = [...receiver.spans, ...listSeededSpans(miniserve)];
    return {
      spans: all.map((span) => ofBuild(span, serviceVersion)),
      traceId,
      requestId,
      serviceVersion,
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function ofBuild(span: Span, version: string): Span {
  const { key } = miniserve.resource.attributes.serviceVersion;
  const attributes = span.resource.attributes.map((attribute) =>
    attribute.key === key ? { key, value: { type: "string", value: version } as const } : attribute,
  );
  return { ...span, resource: { ...span.resource, attributes } };
}

/** @returns the trace of the request with retrieval. */
async function askInAllWays(url: string): Promise<string> {
  const chats = `${url}/v1/chat/completions`;
  const messages = [{ role: "user", content: "the story" }];
  await postJson(chats, { messages, max_tokens: 5 });
  await postJson(chats, { messages, max_tokens: 5, stream: true });
  await postJson(chats, { messages, max_tokens: 0 });
  await postJson(chats, {
    messages,
    max_tokens: 40,
    response_format: {
      type: "json_schema",
      json_schema: { name: "mood", strict: true, schema: { enum: ["good", "bad"] } },
    },
  });
  await postJson(`${url}/v1/completions`, { prompt: "the story", max_tokens: 3 });
  await postJson(chats, { messages, max_tokens: -1 });
  const { traceId } = await postJson(chats, chat("water", { index: indexNames.usable }));
  // In the same trace, so that the dashboard of one trace has something of each stage.
  const headers = { traceparent: `00-${traceId}-${"b".repeat(16)}-01` };
  const documents = ["the story", "a river"];
  await postJson(`${url}/v1/embeddings`, { input: documents }, headers);
  await postJson(`${url}/v1/rerank`, { query: "water", documents }, headers);
  return traceId;
}

/** How far the values of a graph lie apart. */
const stepMs = 15_000;

/** All that is planted falls into one step, so that each value of a graph is of all of it. */
function findStepStart(timeMs: number): number {
  return Math.floor(timeMs / stepMs) * stepMs + 1;
}

/** Orphans, broken sums, incomplete trees and the rest that is planted for the saved queries. */
export function listSeededSpans(contract: typeof miniserve): Span[] {
  const startMs = findStepStart(Date.now() - stepMs);
  return Object.values(plants).flatMap(({ requests }) =>
    createTraceSpans(requests, startMs, { contract }),
  );
}
