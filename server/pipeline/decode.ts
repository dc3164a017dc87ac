import { logEvents, spans } from "#contract";
import { type Slot, TextStream } from "../llama/engine/index.ts";
import type { Job } from "./job.ts";

export interface Decoded {
  readonly characters: string;
  readonly finishReason: "stop" | "length";
  readonly tokensOut: number;
}

/** llm.decode: generates the answer, handing on each piece as soon as it cannot change any more. */
export function decode(job: Job, slot: Slot): Promise<Decoded> {
  const { engine, trace, log } = job;
  return trace.stage(spans.decode, { model: engine.modelName }, async (stage) => {
    const progress = new Progress();
    try {
      const decoded = await run(job, slot, progress);
      const counts = { ...progress.counts(), stopReason: decoded.finishReason };
      log(logEvents.outputDecoded, counts);
      return stage.done(decoded, counts);
    } catch (error) {
      // How far it came is known, also when a client left or the model failed.
      stage.set(progress.counts());
      throw error;
    }
  });
}

async function run(job: Job, slot: Slot, progress: Progress): Promise<Decoded> {
  const { engine, parameters, signal, trace, output } = job;
  const text = new TextStream({
    engine,
    promptTokens: slot.promptTokens,
    stopStrings: parameters.stopStrings,
  });
  const pieces: string[] = [];
  const emit = async (piece: string): Promise<void> => {
    if (piece !== "") {
      pieces.push(piece);
      await output.piece(piece);
    }
  };
  let finishReason: "stop" | "length" = "length";
  for await (const step of slot.decode({ ...parameters, signal })) {
    progress.add(step);
    if (step.isEndOfGeneration) {
      finishReason = "stop";
      break;
    }
    if (progress.tokensOut === 1) {
      trace.set({ timeToFirstTokenUs: trace.elapsedUs() });
    }
    const { delta, stopped } = text.push(step.token);
    await emit(delta);
    if (stopped) {
      finishReason = "stop";
      break;
    }
  }
  await emit(text.end());
  return { characters: pieces.join(""), finishReason, tokensOut: progress.tokensOut };
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
