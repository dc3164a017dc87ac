import { setImmediate as turnOfEventLoop } from "node:timers/promises";
import { logEvents, spans } from "#miniserve";
import {
  type AnswerPiece,
  AnswerReader,
  type CallGrammar,
  type OutputGrammar,
  type Slot,
  type WrapStep,
} from "../llama/engine/index.ts";
import type { StageTrace } from "../tracing/index.ts";
import type { Choice, Job } from "./job.ts";
import { SaidSoFar, SaidTokens } from "./said-so-far.ts";

const maxStepSpans = 64;

interface Decoded {
  readonly choices: readonly Choice[];
  readonly tokensOut: number;
}

export interface DecodeInput {
  readonly grammar: OutputGrammar | undefined;
  /** Beside it there is no other grammar. */
  readonly calls: CallGrammar | undefined;
  /** What the slot goes on with when it has answered its own prompt. */
  readonly furtherPrompts: readonly (readonly number[])[];
}

/**
 * llm.decode: generates the answers, handing on each piece as soon as it cannot change any more. A
 * stage runs once in a request, so all answers are generated here, one after the other.
 */
export function decode(
  job: Job,
  slot: Slot,
  { grammar, calls, furtherPrompts }: DecodeInput,
): Promise<Decoded> {
  const { engine, trace, log, signal } = job;
  return trace.stage(spans.decode, { model: engine.modelName }, async (stage) => {
    const progress = new Progress();
    const aroundStep = stepSpans(job.stepSpansEvery, stage);
    const { seed, answersPerInput } = job.parameters;
    const generateOne = (index: number): Promise<Choice> => {
      const stepsBefore = progress.counts().decodeSteps;
      const reader = new AnswerReader({
        engine,
        promptTokens: slot.promptTokens,
        stopStrings: job.parameters.stopStrings,
        calls,
      });
      const steps = slot.decode({
        ...job.parameters,
        seed: seed === undefined ? undefined : nthSeed(seed, index % answersPerInput),
        grammar: calls?.output ?? grammar,
        steering: reader,
        signal,
        wrapStep: (step, evaluate) => aroundStep(stepsBefore + step, evaluate),
      });
      const tokens = new SaidTokens({
        engine,
        areAskedFor: job.parameters.listedCandidates !== undefined,
        lastToken: slot.promptTokens.at(-1),
      });
      return run(job, { steps, reader, progress, tokens, index });
    };
    try {
      const choices: Choice[] = [];
      for (const prompt of [slot.promptTokens, ...furtherPrompts]) {
        if (prompt !== slot.promptTokens) {
          await slot.prefillNext(prompt, { signal });
        }
        for (let answer = 0; answer < answersPerInput; answer++) {
          if (answer > 0) {
            await slot.prefillAgain({ signal });
          }
          choices.push(await generateOne(choices.length));
        }
      }
      if (calls !== undefined) {
        stage.set({ toolCalls: countCalls(choices) });
      }
      const counts = { ...progress.counts(), stopReason: stopReasonOf(choices) };
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

/** Answers to one prompt by one seed would be the same. */
function nthSeed(seed: number, index: number): number {
  return (seed + index) % Number.MAX_SAFE_INTEGER;
}

/** Why generation ended: the first reason of these that any of the choices has. */
function stopReasonOf(choices: readonly Choice[]): Choice["finishReason"] {
  const reasons = new Set(choices.map(({ finishReason }) => finishReason));
  return (["length", "tool_calls"] as const).find((reason) => reasons.has(reason)) ?? "stop";
}

function countCalls(choices: readonly Choice[]): number {
  return choices.reduce((sum, { calls }) => sum + calls.length, 0);
}

interface Answering {
  readonly steps: ReturnType<Slot["decode"]>;
  readonly reader: AnswerReader;
  readonly progress: Progress;
  readonly tokens: SaidTokens;
  readonly index: number;
}

async function run(
  { trace, output }: Job,
  { steps, reader, progress, tokens, index }: Answering,
): Promise<Choice> {
  const said = new SaidSoFar();
  const emit = async (pieces: readonly AnswerPiece[]): Promise<void> => {
    for (const piece of pieces) {
      said.add(piece);
      await output.piece(piece, index, tokens.takeNew());
    }
  };
  let isWhole = false;
  const ahead = new Lookahead(steps, (step) => progress.add(step));
  try {
    for (let step = await ahead.take(); step !== undefined; step = await ahead.take()) {
      if (step.isEndOfGeneration) {
        isWhole = true;
        break;
      }
      if (progress.tokensOut === 1) {
        trace.set({ timeToFirstTokenUs: trace.elapsedUs() });
      }
      tokens.add(step);
      const { pieces, stopped } = reader.push(step.token);
      if (stopped) {
        await emit(pieces);
        isWhole = true;
        break;
      }
      await ahead.begin();
      await emit(pieces);
    }
  } finally {
    await ahead.leave();
  }
  await emit(reader.end());
  if (tokens.hasNew) {
    await emit([{ kind: "text", characters: "" }]);
  }
  return { ...said.choice(isWhole), tokens: tokens.all };
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
