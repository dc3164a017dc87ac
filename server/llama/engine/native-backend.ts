import { availableParallelism } from "node:os";
import { getLlama, type Llama, LlamaLogLevel } from "node-llama-cpp";
import { EngineError } from "./engine-error.ts";

type GpuChoice = false | "auto" | "cuda" | "vulkan" | "metal";

type NativeLogLevel = "error" | "warn" | "info" | "debug";

/** Gets llama.cpp's own messages. It runs in whatever asynchronous context called native code. */
type NativeLog = (level: NativeLogLevel, message: string) => void;

export interface NativeBackendOptions {
  readonly gpu: GpuChoice;
  readonly threads: number | "auto";
  readonly onNativeLog?: NativeLog | undefined;
}

/** The loaded native library. Models on the same backend share its threads. */
export interface NativeBackend {
  readonly llama: Llama;
  readonly threads: number;
}

/**
 * Loads the native library: only an installed binary, nothing is downloaded or compiled, nothing
 * is printed. Close it with `llama.dispose()`.
 *
 * @throws EngineError backend_unavailable
 */
export async function openNativeBackend(options: NativeBackendOptions): Promise<NativeBackend> {
  const { gpu, onNativeLog } = options;
  const threads = chooseThreadCount(options.threads);
  const llama = await load({ gpu, threads, onNativeLog });
  // For a GPU that the platform does not know, the library takes the CPU without a word.
  if (gpu === "auto" || llama.gpu === gpu) {
    return { llama, threads };
  }
  await llama.dispose();
  throw unavailable(gpu);
}

async function load(options: NativeBackendOptions & { readonly threads: number }): Promise<Llama> {
  const { gpu, threads, onNativeLog } = options;
  try {
    return await withPlainChildren(() =>
      getLlama({
        gpu,
        maxThreads: threads,
        build: "never",
        skipDownload: true,
        progressLogs: false,
        // The default is an environment variable, which would print past our logger.
        debug: false,
        logLevel: onNativeLog === undefined ? LlamaLogLevel.disabled : LlamaLogLevel.warn,
        logger: (level, message) => onNativeLog?.(nativeLogLevel(level), message.trimEnd()),
      }),
    );
  } catch (cause) {
    throw unavailable(gpu, { cause });
  }
}

/**
 * The library first tries its binary in a child process, and that inherits our options for Node. It
 * is plain JavaScript: to load the TypeScript loader there too would add 0.4 s of CPU to every start.
 */
async function withPlainChildren<Result>(work: () => Promise<Result>): Promise<Result> {
  const nodeOptions = process.execArgv.splice(0);
  try {
    return await work();
  } finally {
    process.execArgv.push(...nodeOptions);
  }
}

function unavailable(gpu: GpuChoice, options?: ErrorOptions): EngineError {
  return new EngineError("backend_unavailable", { gpu: String(gpu), ...options });
}

function nativeLogLevel(level: LlamaLogLevel): NativeLogLevel {
  switch (level) {
    case LlamaLogLevel.fatal:
    case LlamaLogLevel.error:
      return "error";
    case LlamaLogLevel.warn:
      return "warn";
    case LlamaLogLevel.info:
    case LlamaLogLevel.log:
      return "info";
    default:
      return "debug";
  }
}

/**
 * How many threads evaluate tokens: what was asked for, but never more than the CPUs that this
 * process may use, because llama.cpp's threads wait for each other by spinning: one that gets no
 * CPU makes a step ten to a hundred times slower. libuv counts CPU affinity and container limits.
 *
 * "auto" leaves one CPU to the event loop and to neighbours: on two CPUs with one busy neighbour,
 * two threads took 4 to 8 times as long for a step as one thread; on two idle CPUs they gained
 * nothing in a step and made the evaluation of a prompt 1.8 times faster.
 */
export function chooseThreadCount(
  wanted: number | "auto",
  availableCpus: number = availableParallelism(),
): number {
  const count = wanted === "auto" ? availableCpus - 1 : Math.floor(wanted);
  return Math.min(Math.max(count, 1), availableCpus);
}
