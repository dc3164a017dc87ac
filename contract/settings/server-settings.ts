import { z } from "zod";
import {
  createListSchema,
  flag,
  isHostName,
  isOrigin,
  port,
  type Setting,
  stepSample,
  wholeNumber,
} from "./read-settings.ts";

const timeLimit = wholeNumber(1, 86_400_000);

/** The settings of the server. The standard OTEL_* variables are read by the OpenTelemetry SDK itself. */
export const serverSettings = {
  MINISERVE_HOST: {
    schema: z.string().regex(/^[0-9A-Za-z.:-]+$/),
    default: "127.0.0.1",
    takes: "an address or a host name",
    brief: "Where the server listens. All addresses (0.0.0.0 or ::) need MINISERVE_ALLOWED_HOSTS.",
  },
  MINISERVE_PORT: {
    schema: port(0),
    default: "8080",
    takes: "a port, or 0 for any free one",
    brief: "The port of the server.",
  },
  MINISERVE_API_KEY: {
    schema: z.string(),
    default: "",
    takes: "a secret",
    brief: "If set, all routes except the health routes require it as a bearer token.",
  },
  MINISERVE_ALLOWED_HOSTS: {
    schema: createListSchema(isHostName),
    default: "",
    takes: "host names without ports, separated by commas",
    brief: "Host names that clients may use, besides loopback's.",
  },
  MINISERVE_ALLOWED_ORIGINS: {
    schema: createListSchema(isOrigin),
    default: "",
    takes: "origins such as https://chat.example, separated by commas",
    brief: "Origins of web pages that may call the server. None by default.",
  },
  MINISERVE_MODEL: {
    schema: z.string(),
    default: "",
    takes: "a path, or hf:user/repository/file.gguf",
    brief: "The model. By default SmolLM2-135M-Instruct is found or downloaded.",
  },
  MINISERVE_EMBEDDING_MODEL: {
    schema: z.string(),
    default: "",
    takes: "a path, or hf:user/repository/file.gguf",
    brief: "The embedding model. By default all-MiniLM-L6-v2, offline a generated, lexical one.",
  },
  MINISERVE_RERANK_MODEL: {
    schema: z.string(),
    default: "",
    takes: "a path, or hf:user/repository/file.gguf",
    brief: "The model that ranks passages. By default vectors and shared words decide.",
  },
  MINISERVE_INDEXES_DIRECTORY: {
    schema: z.string().min(1),
    default: "indexes",
    takes: "a folder",
    brief: "The folder of retrieval indexes.",
  },
  MINISERVE_INDEX_DOCS: {
    schema: flag,
    default: "1",
    takes: "0 or 1",
    brief: "1 keeps the index docs of this project's documentation up to date.",
  },
  MINISERVE_MODELS_DIRECTORY: {
    schema: z.string().min(1),
    default: "models",
    takes: "a folder",
    brief: "The folder of models.",
  },
  MINISERVE_OFFLINE: {
    schema: flag,
    default: "0",
    takes: "0 or 1",
    brief: "1 never downloads a model.",
  },
  MINISERVE_GPU: {
    schema: z.enum(["off", "auto", "cuda", "vulkan", "metal"]),
    default: "off",
    takes: "off, auto, cuda, vulkan or metal",
    brief: "The GPU backend. All values except off need a GPU build of llama.cpp.",
  },
  MINISERVE_THREADS: {
    schema: z.union([z.literal("auto"), wholeNumber(1)]),
    default: "auto",
    takes: "auto or a number",
    brief: "Threads for the model, at most the number of processors.",
  },
  MINISERVE_SLOTS: {
    schema: wholeNumber(1, 64),
    default: "2",
    takes: "1 to 64",
    brief: "Requests that the model processes at the same time.",
  },
  MINISERVE_SLOT_TOKENS: {
    schema: wholeNumber(128),
    default: "2048",
    takes: "128 or more",
    brief: "Tokens that fit into a slot, input and output together.",
  },
  MINISERVE_QUEUE_LIMIT: {
    schema: wholeNumber(0),
    default: "16",
    takes: "0 or more",
    brief: "Requests that may wait for a slot; further ones get 429.",
  },
  MINISERVE_PREFILL_CHUNK_TOKENS: {
    schema: wholeNumber(8),
    default: "64",
    takes: "8 or more",
    brief:
      "Input tokens evaluated at a time, of all requests together. For as long as that, a running stream may pause and a disconnected client go unnoticed.",
  },
  MINISERVE_BODY_LIMIT_BYTES: {
    schema: wholeNumber(1024),
    default: "1048576",
    takes: "1024 or more",
    brief: "The largest request body.",
  },
  MINISERVE_REQUEST_TIMEOUT_MS: {
    schema: wholeNumber(0, 86_400_000),
    default: "600000",
    takes: "milliseconds, up to a day; 0 for no limit",
    brief: "Time limit of a request, from its headers to its last byte.",
  },
  MINISERVE_HEADERS_TIMEOUT_MS: {
    schema: timeLimit,
    default: "10000",
    takes: "milliseconds from 1, up to a day",
    brief: "Time limit for receiving a request's headers.",
  },
  MINISERVE_RECEIVE_TIMEOUT_MS: {
    schema: timeLimit,
    default: "30000",
    takes: "milliseconds from 1, up to a day",
    brief: "Time limit for receiving a whole request, headers and body.",
  },
  MINISERVE_KEEP_ALIVE_TIMEOUT_MS: {
    schema: timeLimit,
    default: "75000",
    takes: "milliseconds from 1, up to a day",
    brief:
      "How long an idle connection stays open. It must be longer than the proxy's own limit, or the proxy sometimes sends a request on a closing connection.",
  },
  MINISERVE_READING_TIMEOUT_MS: {
    schema: timeLimit,
    default: "30000",
    takes: "milliseconds from 1, up to a day",
    brief: "How long a client may leave a stream unread. It holds a slot during that time.",
  },
  MINISERVE_DECODE_STEP_SPANS: {
    schema: stepSample,
    default: "off",
    takes: "off, or every:N with N of 1 or more",
    brief: "A span for every Nth decode step, at most 64 per request.",
  },
  MINISERVE_SHUTDOWN_LIMIT_MS: {
    schema: wholeNumber(0, 3_600_000),
    default: "10000",
    takes: "milliseconds, up to an hour",
    brief: "How long running requests may continue after a stop signal.",
  },
  MINISERVE_LOG_LEVEL: {
    schema: z.enum(["debug", "info", "warn", "error", "fatal"]),
    default: "info",
    takes: "debug, info, warn, error or fatal",
    brief: "The lowest logged level.",
  },
  MINISERVE_LOG_FILE: {
    schema: z.string(),
    default: "logs/miniserve.log",
    isEmptyAllowed: true,
    takes: "a path, or nothing for no file",
    brief: "The log file; log lines also go to stdout.",
  },
  MINISERVE_LOG_FILE_MODE: {
    schema: z.enum(["600", "640"]).transform((mode) => Number.parseInt(mode, 8)),
    default: "600",
    takes: "600 or 640",
    brief: "Permissions of the log file: only its owner may read it, or with 640 also the group.",
  },
  MINISERVE_LOG_FILE_BYTES: {
    schema: wholeNumber(1024),
    default: "10485760",
    takes: "1024 or more",
    brief: "The size at which the log file is rotated. Five old files are kept.",
  },
} as const satisfies Readonly<Record<string, Setting>>;
