import type {
  BareLoopResult,
  BareLoopSetup,
  FromBareLoop,
  ToBareLoop,
} from "./bare-loop-messages.ts";
import type { RunningProgram } from "./running-program.ts";
import type { Workplace } from "./workplace.ts";

/** The bare loop in a process of its own. */
export class BareLoop {
  readonly #program: RunningProgram;

  private constructor(program: RunningProgram) {
    this.#program = program;
  }

  static async start(workplace: Workplace, setup: BareLoopSetup): Promise<BareLoop> {
    const program = workplace.start({
      name: "bare loop",
      file: "scripts/bench/bare-loop-process.ts",
      environment: {},
      hasChannel: true,
    });
    const loop = new BareLoop(program);
    await loop.#ask({ type: "load", setup });
    return loop;
  }

  get pid(): number {
    return this.#program.pid;
  }

  async generate(prompts: readonly string[], maxTokens: number): Promise<BareLoopResult> {
    const reply = await this.#ask({ type: "generate", prompts, maxTokens });
    if (reply.type !== "generated") throw this.#program.failure(`answered "${reply.type}"`);
    return reply.result;
  }

  async stop(): Promise<void> {
    await this.#program.stop();
  }

  #ask(message: ToBareLoop): Promise<FromBareLoop> {
    const { child } = this.#program;
    return new Promise((resolve, reject) => {
      const onExit = (): void => reject(this.#program.failure("ended while it was asked"));
      child.once("exit", onExit);
      child.once("message", (reply: FromBareLoop) => {
        child.off("exit", onExit);
        if (reply.type === "failed") reject(this.#program.failure(`failed: ${reply.reason}`));
        else resolve(reply);
      });
      child.send(message);
    });
  }
}
