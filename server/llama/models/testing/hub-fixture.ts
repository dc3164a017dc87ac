import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PinnedModel } from "../default-model.ts";
import type { ModelProgress, ModelReport, ModelStep } from "../model-report.ts";
import type { ModelOptions } from "../resolve-model.ts";
import { tinyLlama } from "../tiny-llama.ts";
import { type HubBehaviour, type LocalHub, startLocalHub } from "./local-hub.ts";

/** The content that takes the place of the default model: small, but a real model. */
export const content = tinyLlama({ seed: 7 });

export const pinnedModel: PinnedModel = {
  fileName: "small.gguf",
  sizeBytes: content.length,
  sha256: createHash("sha256").update(content).digest("hex"),
  hub: { user: "someone", repository: "small-GGUF", revision: "0123abcd", file: "small.gguf" },
  carrier: {
    requirement: "tiny-carrier==1.0",
    wheelBytes: 1_000,
    entry: "tiny_carrier/small.gguf",
  },
};

/** An address at which nothing listens any more. */
export async function closedHubUrl(): Promise<string> {
  await using hub = await startLocalHub(content);
  return hub.url;
}

export interface HubFixture extends AsyncDisposable {
  readonly modelsDirectory: string;
  readonly hub: LocalHub;
  readonly options: ModelOptions;
  readonly report: ModelReport;
  readonly steps: ModelStep[];
  readonly progress: ModelProgress[];
  /** What happened, as `step status`, in order. */
  told(): string[];
}

/** An empty models directory, a local hub, and an environment in which no pip can be found. */
export async function openHubFixture(behaviour: Partial<HubBehaviour> = {}): Promise<HubFixture> {
  const modelsDirectory = await mkdtemp(join(tmpdir(), "miniserve-models-"));
  const hub = await startLocalHub(content, behaviour);
  const steps: ModelStep[] = [];
  const progress: ModelProgress[] = [];
  return {
    modelsDirectory,
    hub,
    steps,
    progress,
    options: {
      modelsDirectory,
      offline: false,
      environment: { PATH: join(modelsDirectory, "no-commands-here") },
      hubUrl: hub.url,
      limits: { firstByteMs: 5_000, silenceMs: 5_000, pauseMs: 1 },
      pinnedModel,
    },
    report: { onStep: (step) => steps.push(step), onProgress: (event) => progress.push(event) },
    told: () => steps.map(({ step, status }) => `${step} ${status}`),
    async [Symbol.asyncDispose]() {
      await hub[Symbol.asyncDispose]();
      await rm(modelsDirectory, { recursive: true, force: true });
    },
  };
}
