import { boolean, defineAttributes, int, string } from "../define/index.ts";
import { attributes } from "./attributes.ts";
import { spans } from "./spans.ts";

/** A word of our own: a code, a name of a stage, of an exception's class, of a step. */
const word = /[A-Za-z][A-Za-z0-9_.:-]{0,63}/;
/** A sentence of our own, one line. What a user typed never goes into one. */
const sentence = /[^\p{Cc}]{1,500}/u;

/** What a log line may carry: the attributes of the spans, and these. */
export const logFields = defineAttributes({
  ...attributes,
  stage: string("stage", {
    brief: "The span of the stage that the line is about.",
    pattern: word,
    examples: [spans.decode.name],
  }),
  exceptionType: string("exception.type", {
    brief: "The class of the exception. Its message is not logged: it may repeat content.",
    pattern: word,
    examples: ["EngineError", "TypeError"],
  }),
  exceptionCode: string("exception.code", {
    brief: "The stable code of the exception, where it has one.",
    pattern: /[A-Za-z][A-Za-z0-9_]{0,63}/,
    examples: ["FST_ERR_CTP_INVALID_JSON_BODY", "ENOSPC"],
  }),
  library: string("library", {
    brief: "The library whose warning or error this is.",
    pattern: word,
    examples: ["fastify"],
  }),
  stackFrames: string("exception.frames", {
    brief: "Where the exception was thrown: functions, files and lines, nothing else.",
    pattern: /[^\p{Cc}]{0,2000}/u,
    examples: ["decode (server/pipeline/decode.ts:41:9)"],
  }),
  reason: string("reason", {
    brief: "Why it happened, in a sentence of our own.",
    pattern: sentence,
    examples: ["14 UNAVAILABLE"],
  }),
  action: string("action", {
    brief: "What a person can do about it.",
    pattern: sentence,
    examples: ["Start the collector, or set OTEL_EXPORTER_OTLP_ENDPOINT."],
  }),
  durationUs: int("duration_us", {
    brief: "From the first byte read to the last byte written.",
    unit: "us",
    min: 0,
    examples: [412_000],
  }),
  durationMs: int("duration_ms", {
    brief: "How long it took.",
    unit: "ms",
    min: 0,
    examples: [750],
  }),
  host: string("host", {
    brief: "The address that the server listens on.",
    pattern: /[0-9A-Za-z.:%_-]{1,255}/,
    examples: ["127.0.0.1", "::1"],
  }),
  port: int("port", {
    brief: "The port that the server listens on.",
    min: 0,
    max: 65_535,
    examples: [8080],
  }),
  variable: string("variable", {
    brief: "The environment variable that is at fault.",
    pattern: /[A-Z][A-Z0-9_]{0,63}/,
    examples: ["MINISERVE_PORT"],
  }),
  modelSource: string("model.source", {
    brief: "Where the model came from.",
    pattern: sentence,
    examples: ["the local cache"],
  }),
  modelSizeBytes: int("model.size_bytes", {
    brief: "The size of the model's file.",
    unit: "By",
    min: 0,
    examples: [98_362_432],
  }),
  degraded: boolean("model.degraded", {
    brief: "Whether a generated stand-in is served, because no real model could be had.",
  }),
  slots: int("slots", {
    brief: "How many requests the model works on at a time.",
    min: 1,
    examples: [4],
  }),
  slotWindowTokens: int("slot.window_tokens", {
    brief: "How many tokens fit into one slot, input and output together.",
    unit: "{token}",
    min: 1,
    examples: [2048],
  }),
  threads: int("threads", {
    brief: "How many threads the model computes with.",
    min: 1,
    examples: [2],
  }),
  spansDropped: int("spans.dropped", {
    brief: "Spans that were given up.",
    unit: "{span}",
    min: 0,
    examples: [1420],
  }),
  spansWaiting: int("spans.waiting", {
    brief: "Spans that wait to be sent.",
    unit: "{span}",
    min: 0,
    examples: [512],
  }),
  requestsRunning: int("requests.running", {
    brief: "Requests that were running.",
    unit: "{request}",
    min: 0,
    examples: [3],
  }),
  signal: string("signal", {
    brief: "The signal that was received.",
    pattern: /SIG[A-Z0-9]{2,10}/,
    examples: ["SIGTERM"],
  }),
  filesMended: int("files.mended", {
    brief: "Files and folders that other users could read, and cannot any more.",
    min: 0,
    examples: [3],
  }),
  filesNotMended: int("files.not_mended", {
    brief: "Files and folders that other users may still read, because they could not be changed.",
    min: 0,
    examples: [0],
  }),
  linesDropped: int("lines.dropped", {
    brief: "Lines that were not written, because the output did not take them.",
    min: 0,
    examples: [1],
  }),
});
