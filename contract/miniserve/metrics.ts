import { counter, defineMetrics, gauge, histogram, observableCounter } from "../define/index.ts";
import { attributes } from "./attributes.ts";
import { thresholds } from "./thresholds.ts";

const millisecondsPerSecond = 1000;

/** From one bound to the last, each twice the one before: OpenTelemetry's for a server's requests. */
function doubling(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first * 2 ** index);
}

/**
 * What is counted and measured besides the spans, from the same timestamps and values. Histograms
 * that stand in OpenTelemetry's conventions have their buckets.
 */
export const metrics = defineMetrics(attributes, {
  requestDuration: histogram("gen_ai.server.request.duration", {
    brief: "How long requests took, from the first byte read to the last byte written.",
    advice:
      "By outcome it tells a slow server from clients that leave: open Overview for the stages.",
    unit: "s",
    buckets: doubling(0.01, 14),
    attributes: ["route", "model", "outcome"],
    semconv: "gen_ai.server.request.duration",
  }),
  timeToFirstToken: histogram("gen_ai.server.time_to_first_token", {
    brief: "From the first byte read to the first token sampled.",
    advice: "High means a wait for a slot, a long prefill or a slow retrieval.",
    unit: "s",
    buckets: [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    attributes: ["route", "model"],
    semconv: "gen_ai.server.time_to_first_token",
    alert: {
      title: "First tokens come late",
      action:
        "Ask the saved query slow-first-token for the requests, and compare their wait for a slot.",
      severity: "warning",
      above: thresholds.firstToken.default / millisecondsPerSecond,
      windowMinutes: 15,
      forMinutes: 5,
    },
  }),
  timePerOutputToken: histogram("gen_ai.server.time_per_output_token", {
    brief: "How long each token after the first took, on average over one completed answer.",
    advice: "It rises with the number of requests that run at once; alone it means a busy machine.",
    unit: "s",
    buckets: [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5],
    attributes: ["route", "model", "stopReason"],
    semconv: "gen_ai.server.time_per_output_token",
  }),
  tokensRead: counter("miniserve.input.tokens", {
    brief: "Tokens that went into the model, found in a prefix cache or evaluated.",
    advice: "A jump is a client with long inputs: prefills take longer, also those of others.",
    unit: "{token}",
    attributes: ["model"],
  }),
  tokensCached: counter("miniserve.input.cached_tokens", {
    brief: "Of the tokens that went into the model, those that were found in a prefix cache.",
    advice: "Divided by all that went in, it is the part that cost nothing to evaluate.",
    unit: "{token}",
    attributes: ["model"],
  }),
  cacheHitRatio: histogram("miniserve.cache.hit_ratio", {
    brief: "Which part of a request's input was found in the prefix cache of its slot, 0 to 1.",
    advice:
      "Conversations should be near 1. Near 0, clients change the beginning, or slots are few.",
    unit: "1",
    buckets: [0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1],
    attributes: ["model"],
  }),
  tokensGenerated: counter("miniserve.output.tokens", {
    brief: "Tokens generated, in all answers, however they ended.",
    advice: "What the server gives. It levels off when all slots are busy.",
    unit: "{token}",
    attributes: ["model", "stopReason"],
  }),
  queueDepth: gauge("miniserve.queue.depth", {
    brief: "Requests that wait for a slot of the model.",
    advice: "Anything that lasts means more requests than slots.",
    unit: "{request}",
    alert: {
      title: "Requests wait for a slot all the time",
      action:
        "Add slots or servers, or shorten answers that run away: saved query runaway-generation.",
      severity: "warning",
      above: 0,
      windowMinutes: 5,
      forMinutes: 5,
    },
  }),
  slotsUsed: gauge("miniserve.slots.used", {
    brief: "Slots of the model in which a request runs.",
    advice: "At the limit for long, the server is full.",
    unit: "{slot}",
  }),
  slotsLimit: gauge("miniserve.slots.limit", {
    brief: "Slots that the model has.",
    advice: "As many as MINISERVE_SLOTS says; each needs memory of its own.",
    unit: "{slot}",
  }),
  spansEnded: observableCounter("miniserve.spans.ended", {
    brief: "Spans that ended and were to be sent.",
    advice: "Those that were neither accepted nor dropped are on their way.",
    unit: "{span}",
  }),
  spansAccepted: observableCounter("miniserve.spans.accepted", {
    brief: "Spans that a collector acknowledged.",
    advice: "It falls behind those that ended while no collector answers.",
    unit: "{span}",
  }),
  exportsFailed: observableCounter("miniserve.exports.failed", {
    brief: "Exports of spans that were not taken. What may pass is tried again.",
    advice: "Some are an outage that is over; when they go on, spans are dropped in the end.",
    unit: "{export}",
  }),
  spansDropped: observableCounter("miniserve.spans.dropped", {
    brief: "Spans that the server gave up, because no collector took them in time.",
    advice: "Any is a hole in the traces: the log has export.outage_began with the reason.",
    unit: "{span}",
    alert: {
      title: "The server drops spans",
      action: "Bring the collector back, or give OTEL_EXPORTER_OTLP_ENDPOINT its address.",
      severity: "critical",
      above: 0,
      windowMinutes: 5,
      forMinutes: 0,
    },
  }),
});
