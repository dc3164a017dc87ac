import type { StoredMetric } from "./stored-metric.ts";

const spans = { instrument: "counter", unit: "{span}" } as const;

/**
 * What the OpenTelemetry Collector (0.159) says of itself, as far as it is about spans on their way. The
 * generated configuration has it leave out what Prometheus would put behind the names.
 */
export const collectorMetrics: readonly StoredMetric[] = [
  {
    id: "collector-received",
    name: "otelcol_receiver_accepted_spans",
    title: "Spans received",
    ...spans,
    brief: "Spans that the Collector took, by its receiver and the way they came.",
    advice: "Hold it against the spans that the server sent: both are the same, a little later.",
    splitBy: ["receiver", "transport"],
  },
  {
    id: "collector-refused",
    name: "otelcol_receiver_refused_spans",
    title: "Spans refused",
    ...spans,
    brief:
      "Spans that the Collector did not take: its memory limit is reached, or its queue is full.",
    advice:
      "The server keeps them and tries again. When it lasts, look at what is behind the Collector.",
    splitBy: ["receiver", "transport"],
    alert: {
      title: "The Collector refuses spans",
      action:
        "Look whether Tempo takes what the Collector sends; else give the Collector more memory, or another one beside it.",
      severity: "warning",
      above: 0,
      windowMinutes: 5,
      forMinutes: 5,
    },
  },
  {
    id: "collector-sent",
    name: "otelcol_exporter_sent_spans",
    title: "Spans sent on",
    ...spans,
    brief: "Spans that were handed on and acknowledged, by the exporter.",
    advice:
      "It falls behind those received while Tempo does not answer; the queue grows meanwhile.",
    splitBy: ["exporter"],
  },
  {
    id: "collector-failed",
    name: "otelcol_exporter_send_failed_spans",
    title: "Spans that could not be sent",
    ...spans,
    brief: "Spans that the Collector gave up: whoever should have taken them refused for good.",
    advice: "Its own log says why. What may pass is tried again for ever and is not in here.",
    splitBy: ["exporter"],
    alert: {
      title: "The Collector loses spans",
      action: "Read the Collector's log: what it sends is refused, and trying again does not help.",
      severity: "critical",
      above: 0,
      windowMinutes: 5,
      forMinutes: 0,
    },
  },
  {
    id: "collector-not-queued",
    name: "otelcol_exporter_enqueue_failed_spans",
    title: "Spans that found no place in the queue",
    ...spans,
    brief: "Spans that the Collector answered with try again, because its queue on disk is full.",
    advice:
      "Nothing is lost as long as the senders wait. Tempo is down, or too slow for what comes.",
    splitBy: ["exporter"],
  },
  {
    id: "collector-queue",
    name: "otelcol_exporter_queue_size",
    title: "Queue",
    instrument: "gauge",
    unit: "{batch}",
    brief: "Batches that wait on disk to be sent, by the exporter.",
    advice: "It grows while Tempo or Loki do not answer, and empties when they do.",
    splitBy: ["exporter"],
    alert: {
      title: "What the Collector holds is not taken",
      action: "Look at Tempo and Loki: one of them has not taken anything for ten minutes.",
      severity: "warning",
      above: 100,
      windowMinutes: 10,
      forMinutes: 0,
    },
  },
  {
    id: "collector-queue-capacity",
    name: "otelcol_exporter_queue_capacity",
    title: "Room in the queue",
    instrument: "gauge",
    unit: "{batch}",
    brief: "Batches that the queue can hold, by the exporter.",
    advice: "A queue of this size is full, and what comes then is refused.",
    splitBy: ["exporter"],
  },
  {
    id: "collector-memory",
    name: "otelcol_process_memory_rss",
    title: "Memory of the Collector",
    instrument: "gauge",
    unit: "By",
    brief: "Memory that the Collector holds.",
    advice: "Near its limit it refuses what comes.",
    splitBy: [],
  },
];
