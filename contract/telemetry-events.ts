/** What the tracer and the logger say of themselves: a service that uses them has these log lines too. */
import { defineAttributes, int, logEvent, string } from "./define/index.ts";

/** A word of our own: a code, a name of a stage, of an exception's class, of a step. */
const word = /[A-Za-z][A-Za-z0-9_.:-]{0,63}/;
/** A sentence of our own, one line. What a user typed never goes into one. */
const sentence = /[^\p{Cc}]{1,500}/u;

/** The fields of these lines. A contract's own attribute of the same identifier may replace one. */
export const telemetryFields = defineAttributes({
  errorType: string("error.type", {
    brief: "The code of what went wrong.",
    pattern: word,
    examples: ["bank_unreachable"],
  }),
  stage: string("stage", {
    brief: "The span of the stage that the line is about.",
    pattern: word,
    examples: ["payment.charge"],
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
    examples: ["pay (server/pay.ts:41:9)"],
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
  durationMs: int("duration_ms", {
    brief: "How long it took.",
    unit: "ms",
    min: 0,
    examples: [750],
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
  linesDropped: int("lines.dropped", {
    brief: "Lines that were not written, because the output did not take them.",
    min: 0,
    examples: [1],
  }),
});

/** The lines, for `defineLogEvents`. */
export const telemetryEvents = {
  stageInterrupted: logEvent("stage.interrupted", {
    brief: "A stage was stopped because its client left, its time was over or the service stops.",
    level: "info",
    span: null,
    fields: ["stage"],
  }),
  stageFailed: logEvent("stage.failed", {
    brief: "A stage threw.",
    level: "error",
    span: null,
    fields: ["stage", "errorType", "exceptionType", "stackFrames"],
  }),
  exportOutageBegan: logEvent("export.outage_began", {
    brief: "Spans cannot be sent. They are kept, within a bound, and tried again.",
    level: "warn",
    span: null,
    fields: ["reason", "spansWaiting", "action"],
  }),
  exportOutageEnded: logEvent("export.outage_ended", {
    brief: "Spans are sent again.",
    level: "info",
    span: null,
    fields: ["durationMs", "spansDropped"],
  }),
  spansLost: logEvent("spans.lost", {
    brief: "Spans were given up; how many, in all.",
    level: "error",
    span: null,
    fields: ["spansDropped", "reason"],
  }),
  contractViolated: logEvent("contract.violated", {
    brief: "The service tried to set what its contract does not allow; it was left out. A defect.",
    level: "error",
    span: null,
    fields: ["reason"],
    optionalFields: ["stage"],
  }),
  tracingMessage: logEvent("tracing.message", {
    brief: "OpenTelemetry warned of something.",
    level: "warn",
    span: null,
    fields: ["reason"],
  }),
  libraryMessage: logEvent("library.message", {
    brief:
      "A library warned of something or failed. Its own words are left out: they may repeat content.",
    level: "warn",
    span: null,
    fields: ["library"],
    optionalFields: ["exceptionType", "exceptionCode", "stackFrames"],
  }),
  logOutputFailed: logEvent("log.output_failed", {
    brief:
      "The log file or standard output does not take lines. Said once an outage, on the other one.",
    level: "error",
    span: null,
    fields: ["reason", "action"],
  }),
  logOutputRecovered: logEvent("log.output_recovered", {
    brief: "The log file or standard output takes lines again.",
    level: "warn",
    span: null,
    fields: ["reason", "linesDropped"],
  }),
} as const;
