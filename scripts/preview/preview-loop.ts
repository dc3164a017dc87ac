import { type ChildProcess, fork } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { GeneratedFile } from "#contract";
import type { PreviewNews, PreviewProblem } from "../../stack/index.ts";
import { type Generation, noPlace } from "./generation-problems.ts";
import type { ScratchFolder } from "./scratch-folder.ts";
import type { TypeCheck } from "./type-check.ts";

interface PreviewLoopOptions {
  /** Where the generated files of the configuration are. */
  readonly folder: string;
  readonly scratch: ScratchFolder;
  readonly generator: Generator;
  /** Undefined where there is no compiler. */
  readonly typeCheck: TypeCheck | undefined;
  /** Told of every change of what there is to see. */
  readonly onNews: (news: PreviewNews) => void;
  /** Told again and again for how many seconds it has been generating, when that is long. */
  readonly onSlow: (seconds: number) => void;
  /** Told when everything is known of a change; `files` are those that were saved. */
  readonly onSettled: (files: readonly string[], news: PreviewNews) => void;
  /** Called with the contract changed, when there is nothing else to do. */
  readonly onContract: () => Promise<void>;
}

/** Turns changes of files into news: first what is generated now, then what the compiler says of it. */
export class PreviewLoop {
  readonly #options: PreviewLoopOptions;
  readonly #changed = new Set<string>();
  #isClosed = false;
  #news: PreviewNews = { generation: 0, problems: [], isChecking: false, filesDue: [] };
  #running: Promise<void> | undefined;

  constructor(options: PreviewLoopOptions) {
    this.#options = options;
  }

  get news(): PreviewNews {
    return this.#news;
  }

  /** Generates for the first time, before there is anybody to tell. */
  async begin(): Promise<void> {
    const generation = await this.#generate();
    if ("problems" in generation && !this.#isClosed) {
      // Until it is mended, what was generated last is better than nothing.
      this.#options.scratch.show(committedFiles(this.#options.folder));
    }
    this.#take(generation);
    void this.#startWork();
  }

  /** What is at work tells nobody any more. */
  close(): void {
    this.#isClosed = true;
  }

  async #generate(): Promise<Generation> {
    const { generator, onSlow } = this.#options;
    const generation = await generator.generate((slowSeconds) => {
      this.#tell({ slowSeconds });
      onSlow(slowSeconds);
    });
    this.#news = { ...this.#news, slowSeconds: undefined };
    return generation;
  }

  /** Files were saved, made or removed. */
  changed(files: readonly string[]): void {
    for (const file of files) {
      this.#changed.add(file);
    }
    this.#options.generator.startAnew();
    void this.#startWork();
  }

  #startWork(): Promise<void> {
    if (this.#isClosed) {
      return Promise.resolve();
    }
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #work(): Promise<void> {
    const { typeCheck, onContract, onSettled } = this.#options;
    const files = new Set<string>();
    do {
      for (const file of this.#changed) {
        files.add(file);
      }
      const isChanged = this.#changed.size > 0;
      this.#changed.clear();
      if (isChanged) {
        this.#take(await this.#generate());
      }
      if (this.#changed.size === 0 && typeCheck !== undefined && !this.#isClosed) {
        await this.#checkTypes(typeCheck);
      }
      if (
        this.#changed.size === 0 &&
        [...files].some((file) => !/^(dashboards|provisioning)\//.test(file))
      ) {
        await onContract();
        this.#tell({});
      }
    } while (this.#changed.size > 0 && !this.#isClosed);
    if (!this.#isClosed) {
      onSettled([...files], this.#news);
    }
  }

  /** What was generated is shown at once; what the compiler found before stays until it has looked again. */
  #take(generation: Generation): void {
    const typesBefore = this.#news.problems.filter(({ kind }) => kind === "types");
    const isChecking = this.#options.typeCheck !== undefined;
    if ("problems" in generation) {
      this.#tell({ problems: [...generation.problems, ...typesBefore], isChecking });
      return;
    }
    const { scratch, folder } = this.#options;
    const isNew = scratch.show(generation.files);
    this.#tell({
      ...(isNew ? { generation: Date.now() } : {}),
      filesDue: filesDue(folder, generation.files),
      problems: typesBefore,
      isChecking,
    });
  }

  async #checkTypes(typeCheck: TypeCheck): Promise<void> {
    const found = await typeCheck.problems().catch((error: Error): PreviewProblem[] => {
      return [{ kind: "types", message: error.message, ...noPlace }];
    });
    if (this.#changed.size > 0) {
      // It has looked at what is no more.
      return;
    }
    const others = this.#news.problems.filter(({ kind }) => kind !== "types");
    // What cannot be read, the compiler cannot read either.
    const types = others.some(({ kind }) => kind === "syntax") ? [] : found;
    this.#tell({ problems: [...others, ...types], isChecking: false });
  }

  #tell(changes: Partial<PreviewNews>): void {
    this.#news = { ...this.#news, ...changes };
    if (!this.#isClosed) {
      this.#options.onNews(this.#news);
    }
  }
}

/** What is generated in the project, as it is on disk. */
function committedFiles(folder: string): GeneratedFile[] {
  return globSync("{dashboards,provisioning}/generated/**/*.{json,yaml}", { cwd: folder })
    .map((path) => path.replaceAll("\\", "/"))
    .map((path) => ({ path, content: readFileSync(join(folder, path), "utf8") }));
}

/** The generated files of the project that are not what is shown. */
function filesDue(folder: string, files: readonly GeneratedFile[]): string[] {
  return files
    .filter(({ path, content }) => {
      const file = join(folder, path);
      return !existsSync(file) || readFileSync(file, "utf8") !== content;
    })
    .map(({ path }) => path);
}

/** Every one leaves its modules in the memory of the process. */
const generationsAProcess = 100;
/** From where on it is said that it takes long. On a busy machine it does, so nothing is given up. */
const usualSlowMs = 10_000;
const stopLimitMs = 2_000;

interface GeneratorOptions {
  readonly checkout: string;
  /** The file that names the services, absolute. */
  readonly configuration: string;
  /** For temporary files, below the checkout's `node_modules`. */
  readonly folder: string;
  /** Takes what the process, or what it runs, writes: a line at a time. */
  readonly onOutput: (line: string) => void;
  readonly slowMs?: number;
}

/** Generates as often as it is asked to, in a process that is kept warm and replaced when it must be. */
export class Generator {
  readonly #options: GeneratorOptions;
  #child: ChildProcess | undefined;
  #count = 0;
  #abandon: (() => void) | undefined;
  #isSlow = false;

  constructor(options: GeneratorOptions) {
    this.#options = options;
  }

  /**
   * What the files would be by the sources as they are now. One at a time.
   * @param onSlow told again and again how many seconds it has taken so far, when that is long.
   */
  async generate(onSlow: (seconds: number) => void): Promise<Generation> {
    if (this.#child?.connected === false) {
      this.#child = undefined;
    }
    this.#child ??= this.#start();
    const child = this.#child;
    const slowMs = this.#options.slowMs ?? usualSlowMs;
    const started = performance.now();
    const timer = setInterval(() => {
      this.#isSlow = true;
      onSlow(Math.round((performance.now() - started) / 1000));
    }, slowMs);
    const { promise, resolve } = Promise.withResolvers<Generation>();
    this.#abandon = () => resolve({ problems: [] });
    const onExit = (code: number | null, signal: string | null) => {
      const message = `The process that generates ended by itself (${signal ?? `exit code ${code}`}).`;
      resolve({ problems: [{ kind: "generation", message, ...noPlace }] });
    };
    const onMessage = (message: unknown) => resolve(message as Generation);
    // Without memory for a process there is none that could end.
    const onError = () => (child.pid === undefined ? onExit(null, null) : undefined);
    child.once("exit", onExit).once("message", onMessage).on("error", onError);
    child.send("generate");
    const generation = await promise;
    clearInterval(timer);
    child.off("exit", onExit).off("message", onMessage).off("error", onError);
    this.#isSlow = false;
    this.#abandon = undefined;
    this.#count += 1;
    const isBroken = "problems" in generation && generation.problems[0]?.file === undefined;
    if (isBroken || this.#count >= generationsAProcess) {
      await this.#stop();
    }
    return generation;
  }

  /** Gives up what takes long: there is something newer to generate. It may never have ended. */
  startAnew(): void {
    if (this.#isSlow) {
      this.#abandon?.();
    }
  }

  async close(): Promise<void> {
    this.#abandon?.();
    await this.#stop();
  }

  /** It stops the bundler first, which would complain at length of a process that is gone. */
  async #stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    this.#count = 0;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    if (child.connected) {
      child.disconnect();
    }
    // What never ends hears nothing.
    const timer = setTimeout(() => child.kill("SIGKILL"), stopLimitMs);
    await ended;
    clearTimeout(timer);
  }

  #start(): ChildProcess {
    const program = join(import.meta.dirname, "generate-process.ts");
    const { checkout, configuration, folder, onOutput } = this.#options;
    const child = fork(program, [checkout, folder, configuration], {
      cwd: checkout,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // Ctrl-C is for the preview alone, which ends it in order.
      detached: true,
    });
    // A process that is gone cannot be told, and both ends may close the channel at once: its exit says it all.
    child.on("error", () => undefined);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) {
        createInterface({ input: stream }).on("line", (line) => {
          if (this.#child === child) {
            onOutput(line);
          }
        });
      }
    }
    return child;
  }
}
