import { defineLogEvents, logEvent } from "../define/index.ts";
import { telemetryEvents } from "../telemetry-events.ts";
import { logFields } from "./log-fields.ts";

/**
 * Every line that the server logs. A request that generates writes seven: received, tokenized, slot
 * acquired, prefilled, decoded, formatted, finished; and one more when it retrieved passages. One that
 * embeds or ranks writes four.
 */
export const logEvents = defineLogEvents(logFields, {
  // The story of a request, in the order in which it is told.
  requestReceived: logEvent("request.received", {
    brief: "A request came in. Nothing of its body has been read.",
    level: "info",
    span: "handler",
    fields: ["method", "route", "requestId"],
  }),
  inputTokenized: logEvent("input.tokenized", {
    brief: "The input is tokens now.",
    level: "info",
    span: "tokenize",
    fields: ["tokensIn"],
  }),
  passagesRetrieved: logEvent("passages.retrieved", {
    brief: "Retrieval is done. Only with retrieval.",
    level: "info",
    span: "retrieve",
    fields: ["indexName", "docsRetrieved", "docsReranked"],
  }),
  slotAcquired: logEvent("slot.acquired", {
    brief: "The request has a slot of the model.",
    level: "info",
    span: "handler",
    fields: ["slotWaitUs"],
  }),
  inputPrefilled: logEvent("input.prefilled", {
    brief: "The model has evaluated the input.",
    level: "info",
    span: "prefill",
    fields: ["tokensIn", "cacheHits", "cacheMisses"],
  }),
  inputEmbedded: logEvent("input.embedded", {
    brief: "The texts are vectors now.",
    level: "info",
    span: "embedInput",
    fields: ["inputs", "tokensIn"],
  }),
  inputRanked: logEvent("input.ranked", {
    brief: "The documents have their scores.",
    level: "info",
    span: "rerankInput",
    fields: ["inputs", "tokensIn"],
  }),
  outputDecoded: logEvent("output.decoded", {
    brief: "The model has generated the answer.",
    level: "info",
    span: "decode",
    fields: ["tokensOut", "decodeSteps", "meanStepMs", "stopReason"],
  }),
  outputFormatted: logEvent("output.formatted", {
    brief: "The answer has the form that was asked for.",
    level: "info",
    span: "format",
    fields: ["outputFormat", "tokensOut"],
  }),
  requestFinished: logEvent("request.finished", {
    brief: "The request is over; the last line of its story.",
    level: "info",
    span: "handler",
    fields: ["outcome", "statusCode", "durationUs"],
    optionalFields: ["errorType"],
  }),

  // The life of the server.
  serverStarting: logEvent("server.starting", {
    brief: "The configuration is good, the model is looked for.",
    level: "info",
    span: null,
  }),
  configurationInvalid: logEvent("configuration.invalid", {
    brief: "A setting cannot be used. There is a line for each, and then the server ends.",
    level: "fatal",
    span: null,
    fields: ["variable", "reason"],
  }),
  modelPreparing: logEvent("model.preparing", {
    brief: "A step on the way to the model's file.",
    level: "info",
    span: null,
    fields: ["modelSource", "reason"],
  }),
  modelDegraded: logEvent("model.degraded", {
    brief:
      "A real model could not be had, and a generated one stands in: its answers are nonsense, or its vectors know words only.",
    level: "warn",
    span: null,
    fields: ["model", "reason", "action"],
  }),
  modelLoaded: logEvent("model.loaded", {
    brief: "The model is in memory.",
    level: "info",
    span: null,
    fields: [
      "model",
      "modelSource",
      "modelSizeBytes",
      "degraded",
      "slots",
      "slotWindowTokens",
      "threads",
      "durationMs",
    ],
  }),
  embeddingLoaded: logEvent("embedding.loaded", {
    brief:
      "The embedding model for retrieval is in memory. Degraded: the generated one, which knows words only.",
    level: "info",
    span: null,
    fields: ["model", "modelSource", "modelSizeBytes", "degraded"],
  }),
  indexPrepared: logEvent("index.prepared", {
    brief: "The index of this project's own documentation is up to date.",
    level: "info",
    span: null,
    fields: ["indexName", "reason"],
  }),
  indexUnavailable: logEvent("index.unavailable", {
    brief: "The index of this project's own documentation could not be built.",
    level: "warn",
    span: null,
    fields: ["indexName", "reason", "action"],
  }),
  slotReduced: logEvent("slot.reduced", {
    brief: "A slot holds less than was asked for: the model was not trained for more.",
    level: "warn",
    span: null,
    fields: ["slotWindowTokens", "action"],
  }),
  serverExposed: logEvent("server.exposed", {
    brief: "Whoever reaches the address may use the server: it asks for no key.",
    level: "warn",
    span: null,
    fields: ["host", "action"],
  }),
  serverListening: logEvent("server.listening", {
    brief: "Requests are taken.",
    level: "info",
    span: null,
    fields: ["host", "port"],
  }),
  serverStopping: logEvent("server.stopping", {
    brief: "No new requests; the running ones may finish.",
    level: "info",
    span: null,
    fields: ["signal", "requestsRunning"],
  }),
  serverStopped: logEvent("server.stopped", {
    brief: "The last line of the process.",
    level: "info",
    span: null,
    fields: ["durationMs"],
  }),
  serverFailed: logEvent("server.failed", {
    brief: "The server cannot go on, and ends.",
    level: "fatal",
    span: null,
    fields: ["errorType", "reason", "action"],
    optionalFields: ["exceptionType", "stackFrames"],
  }),
  engineMessage: logEvent("engine.message", {
    brief: "llama.cpp warned of something.",
    level: "warn",
    span: null,
    fields: ["reason"],
  }),

  // Tracing and logging about themselves.
  ...telemetryEvents,
  metricsRefused: logEvent("metrics.refused", {
    brief:
      "Where the metrics were sent, none are taken, as by the embedded trace store. It is asked again every ten minutes.",
    level: "info",
    span: null,
    fields: ["action"],
  }),
  metricsNotSent: logEvent("metrics.not_sent", {
    brief: "Metrics could not be sent. Nothing is lost: the next that are sent hold them too.",
    level: "warn",
    span: null,
    fields: ["reason"],
  }),
  filesMadePrivate: logEvent("files.made_private", {
    brief:
      "Logs or indexes of an earlier version could be read by other users of the machine. Now only the owner can.",
    level: "warn",
    span: null,
    fields: ["filesMended", "filesNotMended"],
  }),
});
