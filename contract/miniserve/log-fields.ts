import { boolean, defineAttributes, int, string } from "../define/index.ts";
import { telemetryFields } from "../telemetry-events.ts";
import { attributes } from "./attributes.ts";

/** A sentence of our own, one line. What a user typed never goes into one. */
const sentence = /[^\p{Cc}]{1,500}/u;

/** What a log line may carry: the attributes of the spans, what all services have, and these. */
export const logFields = defineAttributes({
  ...telemetryFields,
  ...attributes,
  durationUs: int("duration_us", {
    brief: "From the first byte read to the last byte written.",
    unit: "us",
    min: 0,
    examples: [412_000],
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
});
