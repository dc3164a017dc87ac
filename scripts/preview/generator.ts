import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Generation } from "./generation.ts";

/** Every one leaves its modules in the memory of the process. */
const generationsAProcess = 100;
const limitMs = 10_000;

/** Generates as often as it is asked to, in a process that is kept warm and replaced when it must be. */
export class Generator {
  readonly #checkout: string;
  readonly #folder: string;
  #child: ChildProcess | undefined;
  #count = 0;

  /** @param folder for its temporary files, below the checkout's `node_modules`. */
  constructor(checkout: string, folder: string) {
    this.#checkout = checkout;
    this.#folder = folder;
  }

  /** What the files would be by the sources as they are now. One at a time. */
  async generate(): Promise<Generation> {
    this.#child ??= this.#start();
    const child = this.#child;
    const generation = await new Promise<Generation>((resolve) => {
      const fail = (message: string) => resolve({ problems: [problemWithoutPlace(message)] });
      const timer = setTimeout(
        () => fail(`Generating did not end within ${limitMs / 1000} s. Is there an endless loop?`),
        limitMs,
      );
      const ended = (code: number | null, signal: string | null) =>
        fail(`The process that generates ended by itself (${signal ?? `exit code ${code}`}).`);
      child.once("exit", ended);
      child.once("message", (message) => {
        clearTimeout(timer);
        child.off("exit", ended);
        resolve(message as Generation);
      });
      child.send("generate");
      child.once("exit", () => clearTimeout(timer));
    });
    this.#count += 1;
    const isBroken = "problems" in generation && generation.problems[0]?.file === undefined;
    if (isBroken || this.#count >= generationsAProcess) {
      this.close();
    }
    return generation;
  }

  close(): void {
    this.#child?.removeAllListeners();
    this.#child?.kill("SIGKILL");
    this.#child = undefined;
    this.#count = 0;
  }

  #start(): ChildProcess {
    const program = join(import.meta.dirname, "generate-process.ts");
    return fork(program, [this.#checkout, this.#folder], {
      cwd: this.#checkout,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
  }
}

function problemWithoutPlace(message: string) {
  const nowhere = { file: undefined, line: undefined, column: undefined, source: undefined };
  return { kind: "generation", message, ...nowhere } as const;
}
