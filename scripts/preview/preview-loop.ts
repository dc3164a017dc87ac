import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { GeneratedFile } from "#contract";
import type { PreviewNews, PreviewProblem } from "../../stack/index.ts";
import type { Generation } from "./generation.ts";
import type { Generator } from "./generator.ts";
import type { ScratchFolder } from "./scratch-folder.ts";
import type { TypeCheck } from "./type-check.ts";

interface PreviewLoopOptions {
  readonly checkout: string;
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
      this.#options.scratch.show(committedFiles(this.#options.checkout));
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
      for (const file of this.#changed) files.add(file);
      const isChanged = this.#changed.size > 0;
      this.#changed.clear();
      if (isChanged) {
        this.#take(await this.#generate());
      }
      if (this.#changed.size === 0 && typeCheck !== undefined && !this.#isClosed) {
        await this.#checkTypes(typeCheck);
      }
      if (this.#changed.size === 0 && [...files].some((file) => file.startsWith("contract/"))) {
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
    const { scratch, checkout } = this.#options;
    const isNew = scratch.show(generation.files);
    this.#tell({
      ...(isNew ? { generation: Date.now() } : {}),
      filesDue: filesDue(checkout, generation.files),
      problems: typesBefore,
      isChecking,
    });
  }

  async #checkTypes(typeCheck: TypeCheck): Promise<void> {
    const found = await typeCheck.problems().catch((error: Error): PreviewProblem[] => {
      const nowhere = { file: undefined, line: undefined, column: undefined, source: undefined };
      return [{ kind: "types", message: error.message, ...nowhere }];
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
function committedFiles(checkout: string): GeneratedFile[] {
  return globSync("{dashboards,provisioning}/generated/**/*.{json,yaml}", { cwd: checkout })
    .map((path) => path.replaceAll("\\", "/"))
    .map((path) => ({ path, content: readFileSync(join(checkout, path), "utf8") }));
}

/** The generated files of the project that are not what is shown. */
function filesDue(checkout: string, files: readonly GeneratedFile[]): string[] {
  return files
    .filter(({ path, content }) => {
      const file = join(checkout, path);
      return !existsSync(file) || readFileSync(file, "utf8") !== content;
    })
    .map(({ path }) => path);
}
