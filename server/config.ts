import { z } from "zod";
import { flag, isHostName, isOrigin, listOf, stepSample, wholeNumber } from "./setting-forms.ts";

/**
 * The settings of the server, and the only file under server/ that reads the environment.
 * `docs/settings.md` lists them; a test holds the two together. The standard OTEL_* variables are
 * read by the OpenTelemetry SDK itself, as its specification says.
 */

const timeLimit = wholeNumber(1, 86_400_000);

/** Each variable with its form, its default and what it is for. The default is written as a user would. */
export const settings = {
  MINISERVE_HOST: {
    schema: z.string().regex(/^[0-9A-Za-z.:-]+$/),
    default: "127.0.0.1",
    takes: "an address or a host name",
    meaning:
      "Where the server listens. All addresses (0.0.0.0 or ::) need MINISERVE_ALLOWED_HOSTS.",
  },
  MINISERVE_PORT: {
    schema: wholeNumber(0, 65_535),
    default: "8080",
    takes: "a port, 0 for any that is free",
    meaning: "The port of the server.",
  },
  MINISERVE_API_KEY: {
    schema: z.string(),
    default: "",
    takes: "a secret",
    meaning: "When set, every route but the health routes needs it as a bearer token.",
  },
  MINISERVE_ALLOWED_HOSTS: {
    schema: listOf(isHostName),
    default: "",
    takes: "host names without ports, with commas between them",
    meaning: "Names by which clients may call the server, beside loopback's.",
  },
  MINISERVE_ALLOWED_ORIGINS: {
    schema: listOf(isOrigin),
    default: "",
    takes: "origins such as https://chat.example, with commas between them",
    meaning: "Web pages that may call the server. None may by default.",
  },
  MINISERVE_MODEL: {
    schema: z.string(),
    default: "",
    takes: "a path, or hf:user/repository/file.gguf",
    meaning: "The model. Without it SmolLM2-135M-Instruct is found or fetched.",
  },
  MINISERVE_EMBEDDING_MODEL: {
    schema: z.string(),
    default: "",
    takes: "a path, or hf:user/repository/file.gguf",
    meaning: "The model that makes vectors. Without it a generated one, which knows words only.",
  },
  MINISERVE_RERANK_MODEL: {
    schema: z.string(),
    default: "",
    takes: "a path, or hf:user/repository/file.gguf",
    meaning: "The model that ranks passages. Without it their best sentence decides.",
  },
  MINISERVE_INDEXES_DIRECTORY: {
    schema: z.string().min(1),
    default: "indexes",
    takes: "a folder",
    meaning: "Where retrieval indexes are kept.",
  },
  MINISERVE_INDEX_DOCS: {
    schema: flag,
    default: "1",
    takes: "0 or 1",
    meaning: "1 keeps an index of this project's own documentation, named docs, up to date.",
  },
  MINISERVE_MODELS_DIRECTORY: {
    schema: z.string().min(1),
    default: "models",
    takes: "a folder",
    meaning: "Where models are kept.",
  },
  MINISERVE_OFFLINE: {
    schema: flag,
    default: "0",
    takes: "0 or 1",
    meaning: "1 never asks the network for a model.",
  },
  MINISERVE_GPU: {
    schema: z.enum(["off", "auto", "cuda", "vulkan", "metal"]),
    default: "off",
    takes: "off, auto, cuda, vulkan or metal",
    meaning: "What the model computes on. All but off need a GPU build of llama.cpp.",
  },
  MINISERVE_THREADS: {
    schema: z.union([z.literal("auto"), wholeNumber(1)]),
    default: "auto",
    takes: "auto or a number",
    meaning: "Threads that the model computes with, never more than there are processors.",
  },
  MINISERVE_SLOTS: {
    schema: wholeNumber(1, 64),
    default: "2",
    takes: "1 to 64",
    meaning: "How many requests the model works on at a time.",
  },
  MINISERVE_SLOT_TOKENS: {
    schema: wholeNumber(128),
    default: "2048",
    takes: "128 or more",
    meaning: "How many tokens fit into a slot, input and output together.",
  },
  MINISERVE_QUEUE_LIMIT: {
    schema: wholeNumber(0),
    default: "16",
    takes: "0 or more",
    meaning: "How many requests may wait for a slot; one more is answered with 429.",
  },
  MINISERVE_PREFILL_CHUNK_TOKENS: {
    schema: wholeNumber(8),
    default: "64",
    takes: "8 or more",
    meaning:
      "Input tokens evaluated at a time, all requests together: as long as that a running stream may pause, and a client that left go unnoticed.",
  },
  MINISERVE_BODY_LIMIT_BYTES: {
    schema: wholeNumber(1024),
    default: "1048576",
    takes: "1024 or more",
    meaning: "The largest request body.",
  },
  MINISERVE_REQUEST_TIMEOUT_MS: {
    schema: wholeNumber(0, 86_400_000),
    default: "600000",
    takes: "milliseconds, up to a day; 0 for no limit",
    meaning: "How long a request may take, from its headers to its last byte.",
  },
  MINISERVE_HEADERS_TIMEOUT_MS: {
    schema: timeLimit,
    default: "10000",
    takes: "milliseconds from 1, up to a day",
    meaning: "How long a client may take over the headers of its request.",
  },
  MINISERVE_RECEIVE_TIMEOUT_MS: {
    schema: timeLimit,
    default: "30000",
    takes: "milliseconds from 1, up to a day",
    meaning: "How long a client may take over its whole request, headers and body.",
  },
  MINISERVE_KEEP_ALIVE_TIMEOUT_MS: {
    schema: timeLimit,
    default: "75000",
    takes: "milliseconds from 1, up to a day",
    meaning:
      "How long a connection without a request stays open. Longer than a proxy before the server keeps it, or that proxy now and then sends a request into a connection that closes.",
  },
  MINISERVE_READING_TIMEOUT_MS: {
    schema: timeLimit,
    default: "30000",
    takes: "milliseconds from 1, up to a day",
    meaning: "How long a client may leave a stream unread, which holds a slot meanwhile.",
  },
  MINISERVE_DECODE_STEP_SPANS: {
    schema: stepSample,
    default: "off",
    takes: "off, or every:N with N of 1 or more",
    meaning: "Spans of every Nth decode step, at most 64 a request.",
  },
  MINISERVE_SHUTDOWN_LIMIT_MS: {
    schema: wholeNumber(0, 3_600_000),
    default: "10000",
    takes: "milliseconds, up to an hour",
    meaning: "How long running requests may go on after a signal to stop.",
  },
  MINISERVE_LOG_LEVEL: {
    schema: z.enum(["debug", "info", "warn", "error", "fatal"]),
    default: "info",
    takes: "debug, info, warn, error or fatal",
    meaning: "The lowest level that is logged.",
  },
  MINISERVE_LOG_FILE: {
    schema: z.string(),
    default: "logs/miniserve.log",
    takes: "a path, or nothing for no file",
    meaning: "Where log lines go, beside stdout.",
  },
  MINISERVE_LOG_FILE_MODE: {
    schema: z.enum(["600", "640"]).transform((mode) => Number.parseInt(mode, 8)),
    default: "600",
    takes: "600 or 640",
    meaning: "Who may read the log file: its owner alone, or with 640 the owner's group too.",
  },
  MINISERVE_LOG_FILE_BYTES: {
    schema: wholeNumber(1024),
    default: "10485760",
    takes: "1024 or more",
    meaning: "The size at which the log file is rotated. Five old ones are kept.",
  },
} as const satisfies Readonly<Record<string, Setting>>;

interface Setting {
  readonly schema: z.ZodType;
  readonly default: string;
  readonly takes: string;
  readonly meaning: string;
}

type SettingName = keyof typeof settings;
type Values = { readonly [Name in SettingName]: z.output<(typeof settings)[Name]["schema"]> };

export interface Configuration extends Values {
  /** The whole environment, for the parts of OpenTelemetry's specification that its SDK leaves out. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** One variable that cannot be used. The value itself is left out: it may be a secret. */
export interface ConfigurationFault {
  readonly variable: string;
  readonly reason: string;
}

export type ConfigurationResult =
  | { readonly configuration: Configuration }
  | { readonly faults: readonly ConfigurationFault[] };

/** Reads and checks every setting; an empty variable counts as unset. All faults are reported. */
export function readConfiguration(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ConfigurationResult {
  const faults: ConfigurationFault[] = unknownVariables(environment);
  const values: Record<string, unknown> = {};
  for (const [variable, setting] of Object.entries<Setting>(settings)) {
    const given = environment[variable];
    // An empty log file is a choice, so only there does empty not mean unset.
    const isUnset = given === undefined || (given === "" && variable !== "MINISERVE_LOG_FILE");
    const parsed = setting.schema.safeParse(isUnset ? setting.default : given);
    if (parsed.success) {
      values[variable] = parsed.data;
    } else {
      faults.push({ variable, reason: `It takes ${setting.takes}, and holds something else.` });
    }
  }
  if (isAnyAddress(values.MINISERVE_HOST) && !environment.MINISERVE_ALLOWED_HOSTS) {
    const reason = "To listen on all addresses, say by which names clients may call the server.";
    faults.push({ variable: "MINISERVE_ALLOWED_HOSTS", reason });
  }
  const { MINISERVE_HEADERS_TIMEOUT_MS: headersMs, MINISERVE_RECEIVE_TIMEOUT_MS: wholeMs } = values;
  if (Number(headersMs) > Number(wholeMs)) {
    const reason =
      "The headers are a part of the request: set MINISERVE_RECEIVE_TIMEOUT_MS to more.";
    faults.push({ variable: "MINISERVE_HEADERS_TIMEOUT_MS", reason });
  }
  return faults.length > 0
    ? { faults }
    : { configuration: { ...(values as unknown as Values), environment } };
}

function isAnyAddress(host: unknown): boolean {
  return host === "0.0.0.0" || host === "::";
}

/** A misspelt setting would otherwise be ignored, and its default used in silence. */
function unknownVariables(
  environment: Readonly<Record<string, string | undefined>>,
): ConfigurationFault[] {
  return Object.keys(environment)
    .filter((name) => /^MINISERVE_[A-Z0-9_]+$/.test(name) && !Object.hasOwn(settings, name))
    .map((variable) => ({
      variable,
      reason: "There is no such setting; docs/settings.md lists them all.",
    }));
}
