import { setImmediate as turnOfEventLoop } from "node:timers/promises";
import { logEvents, spans } from "#miniserve";
import { type OutputGrammar, type Slot, TextStream, type WrapStep } from "../llama/engine/index.ts";
import type { StageTrace } from "../tracing/index.ts";
import type { Choice, Job } from "./job.ts";

const maxStepSpans = 64;

interface Decoded {
  readonly choices: readonly Choice[];
  readonly tokensOut: number;
}

interface DecodeInput {
  readonly grammar: OutputGrammar | undefined;
  /** What the slot goes on with when it has answered its own prompt. */
  readonly furtherPrompts: readonly (readonly number[])[];
}

/**
 * llm.decode: generates the answers, handing on each piece as soon as it cannot change any more. A
 * stage runs once in a request, so those to further prompts are generated here too, one after the other.
 */
export function decode(
  job: Job,
  slot: Slot,
  { grammar, furtherPrompts }: DecodeInput,
): Promise<Decoded> {
  const { engine, trace, log, signal } = job;
  return trace.stage(spans.decode, { model: engine.modelName }, async (stage) => {
    const progress = new Progress();
    const aroundStep = stepSpans(job.stepSpansEvery, stage);
    const generateOne = (index: number): Promise<Choice> => {
      const stepsBefore = progress.counts().decodeSteps;
      const steps = slot.decode({
        ...job.parameters,
        grammar,
        signal,
        wrapStep: (step, evaluate) => aroundStep(stepsBefore + step, evaluate),
      });
      return run(job, slot, { steps, progress, index });
    };
    try {
      const choices = [await generateOne(0)];
      for (const prompt of furtherPrompts) {
        await slot.prefillNext(prompt, { signal });
        choices.push(await generateOne(choices.length));
      }
      const isCut = choices.some(({ finishReason }) => finishReason === "length");
      const counts = { ...progress.counts(), stopReason: isCut ? "length" : "stop" } as const;
      log(logEvents.outputDecoded, counts);
      return stage.done({ choices, tokensOut: progress.tokensOut }, counts);
    } catch (error) {
      // How far it came is known, also when a client left or the model failed.
      stage.set(progress.counts());
      throw error;
    }
  });
}

/** A span around every Nth step, up to a bound: long answers would otherwise make huge traces. */
function stepSpans(every: number, decodeStage: StageTrace<typeof spans.decode>): WrapStep {
  let left = maxStepSpans;
  return async (index, evaluate) => {
    if (every === 0 || index % every !== 0 || left === 0) {
      return evaluate();
    }
    left -= 1;
    return decodeStage.stage(spans.decodeStep, { decodeStepIndex: index }, async (stage) =>
      stage.done(await evaluate(), {}),
    );
  };
}

async function run(
  job: Job,
  slot: Slot,
  {
    steps,
    progress,
    index,
  }: {
    readonly steps: ReturnType<Slot["decode"]>;
    readonly progress: Progress;
    readonly index: number;
  },
): Promise<Choice> {
  const { engine, parameters, trace, output } = job;
  const text = new TextStream({
    engine,
    promptTokens: slot.promptTokens,
    stopStrings: parameters.stopStrings,
  });
  const pieces: string[] = [];
  const emit = async (piece: string): Promise<void> => {
    if (piece !== "") {
      pieces.push(piece);
      await output.piece(piece, index);
    }
  };
  let finishReason: "stop" | "length" = "length";
  const ahead = new Lookahead(steps, (step) => progress.add(step));
  try {
    for (let step = await ahead.take(); step !== undefined; step = await ahead.take()) {
      if (step.isEndOfGeneration) {
        finishReason = "stop";
        break;
      }
      if (progress.tokensOut === 1) {
        trace.set({ timeToFirstTokenUs: trace.elapsedUs() });
      }
      const { delta, stopped } = text.push(step.token);
      if (stopped) {
        await emit(delta);
        finishReason = "stop";
        break;
      }
      await ahead.begin();
      await emit(delta);
    }
  } finally {
    await ahead.leave();
  }
  await emit(text.end());
  return { characters: pieces.join(""), finishReason };
}

/** Counts by the contract's rules: a step is an evaluation, and the token that ends is none. */
class Progress {
  tokensOut = 0;
  #decodeSteps = 0;
  #stepsUs = 0;

  add(step: { readonly isEndOfGeneration: boolean; readonly stepUs: number }): void {
    this.#decodeSteps += 1;
    this.#stepsUs += step.stepUs;
    this.tokensOut += step.isEndOfGeneration ? 0 : 1;
  }

  counts(): { tokensOut: number; decodeSteps: number; meanStepMs: number } {
    const decodeSteps = this.#decodeSteps;
    const meanStepMs = decodeSteps === 0 ? 0 : this.#stepsUs / decodeSteps / 1000;
    return { tokensOut: this.tokensOut, decodeSteps, meanStepMs };
  }
}

/** Turns from asking the engine for a step to the model computing it: its rounds, then its batches. */
const turnsUntilComputing = 2;

/**
 * Steps of a model, of which the next may begin while the last is still being dealt with: writing a
 * token to a client costs a system call, in which the model would stand idle. Never more than one
 * ahead, so that a client who reads slowly holds its own generation up.
 */
export class Lookahead<Step> {
  readonly #steps: AsyncGenerator<Step, void>;
  readonly #onStep: (step: Step) => void;
  #next: Promise<Step | undefined> | undefined;

  /** @param onStep Hears of each step as soon as it has ended, also of one that nobody takes. */
  constructor(steps: AsyncGenerator<Step, void>, onStep: (step: Step) => void) {
    this.#steps = steps;
    this.#onStep = onStep;
  }

  /** Lets the next step begin. Resolves when the model is at it, and this thread is free. */
  async begin(): Promise<void> {
    this.#next ??= this.#run();
    // Whoever takes the step gets its error; when nobody does, it must not end the process.
    this.#next.catch(() => {});
    for (let turns = 0; turns < turnsUntilComputing; turns += 1) {
      await turnOfEventLoop();
    }
  }

  /** The next step, or undefined behind the last. */
  take(): Promise<Step | undefined> {
    const next = this.#next ?? this.#run();
    this.#next = undefined;
    return next;
  }

  /** Takes no more steps; resolves when none runs any more. */
  async leave(): Promise<void> {
    await this.#next?.catch(() => {});
    await this.#steps.return();
  }

  async #run(): Promise<Step | undefined> {
    const { done, value } = await this.#steps.next();
    if (done === true) {
      return undefined;
    }
    this.#onStep(value);
    return value;
  }
}
