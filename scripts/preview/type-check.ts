import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { PreviewProblem } from "../../stack/index.ts";
import { noPlace, sourceLine } from "./generation-problems.ts";

/**
 * Checks the types of what is previewed, a time after the other, with what the last check learnt. It looks
 * at the previewed folders alone, and at none of their tests: all of the project would take several times
 * as long.
 */
export class TypeCheck {
  readonly #checkout: string;
  readonly #project: string;
  readonly #compiler: string;
  #running: ChildProcess | undefined;

  /** @param folder for its temporary files. */
  constructor(checkout: string, folder: string, sources: readonly string[]) {
    this.#checkout = checkout;
    this.#project = join(folder, "tsconfig.json");
    this.#compiler = join(checkout, "node_modules", "typescript", "bin", "tsc");
    const settings = {
      extends: join(checkout, "tsconfig.json"),
      compilerOptions: {
        typeRoots: [join(checkout, "node_modules", "@types")],
        incremental: true,
        tsBuildInfoFile: join(folder, "types.tsbuildinfo"),
      },
      include: sources.map((source) => join(checkout, source)),
      exclude: sources.flatMap((source) =>
        ["*.test.ts", "testing"].map((name) => join(checkout, source, "**", name)),
      ),
    };
    writeFileSync(this.#project, JSON.stringify(settings));
  }

  /** False where the compiler, which only development needs, is not installed. */
  get isPossible(): boolean {
    return existsSync(this.#compiler);
  }

  close(): void {
    this.#running?.kill("SIGKILL");
  }

  /** @throws Error when the compiler cannot be run, or says what cannot be understood. */
  async problems(): Promise<PreviewProblem[]> {
    const options = ["--noEmit", "--pretty", "false", "--project", this.#project];
    const child = spawn(process.execPath, [this.#compiler, ...options], {
      cwd: this.#checkout,
      stdio: ["ignore", "pipe", "pipe"],
      // Ctrl-C is for the preview alone, which ends it in order.
      detached: true,
    });
    this.#running = child;
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    const [output, errors, code] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      ended,
    ]);
    this.#running = undefined;
    const problems = typeProblems(this.#checkout, output);
    if (code !== 0 && problems.length === 0) {
      throw new Error(`The types could not be checked: ${`${output}${errors}`.trim() || code}`);
    }
    return problems;
  }
}

/** The compiler's errors: each begins a line, and goes on in those that are indented. */
function typeProblems(checkout: string, output: string): PreviewProblem[] {
  const problems: PreviewProblem[] = [];
  for (const lineText of output.split("\n")) {
    const [, file = "", line = "", column = "", message = ""] =
      /^(.+?)\((\d+),(\d+)\): error (.*)$/.exec(lineText) ?? [];
    const [, general = ""] = /^error (.*)$/.exec(lineText) ?? [];
    const last = problems.at(-1);
    if (file !== "") {
      const place = { file, line: Number(line), column: Number(column) };
      const source = sourceLine(join(checkout, file), place.line);
      problems.push({ kind: "types", message, ...place, source });
    } else if (general !== "") {
      problems.push({ kind: "types", message: general, ...noPlace });
    } else if (/^\s+\S/.test(lineText) && last !== undefined) {
      problems[problems.length - 1] = { ...last, message: `${last.message}\n${lineText}` };
    }
  }
  return problems;
}
