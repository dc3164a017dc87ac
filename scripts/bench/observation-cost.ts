import { setTimeout as delay } from "node:timers/promises";
import { type Bench, type Part, type PartResult, repeat } from "./bench-run.ts";
import { Prompts } from "./completion-client.ts";
import { MeasuredServer } from "./measured-server.ts";
import { cpuTimeUs } from "./running-program.ts";
import { computeSpread, formatSpread, median } from "./statistics.ts";

const goalUs = 300;
const goalPercent = 0.5;
const longAnswerTokens = 64;
const limitMs = 80_000;
/** The server sends what it has after this time at the latest; longer is what a round waits for it. */
const exportDelayMs = 500;
const exportPauseMs = 900;

export const observationCost: Part = {
  name: "observation",
  title: "CPU time of tracing and logging, microseconds a request",
  measure,
};

async function measure(bench: Bench): Promise<PartResult> {
  const requests = bench.isQuick ? 500 : 1_000;
  const on = await MeasuredServer.start(bench, {
    model: "tiny",
    slots: 1,
    observed: true,
    settings: { OTEL_BSP_SCHEDULE_DELAY: String(exportDelayMs) },
  });
  const off = await MeasuredServer.start(bench, { model: "tiny", slots: 1, observed: false });
  const prompts = new Prompts(5);
  // Until the compiler of JavaScript has seen enough, every request is faster than the one before.
  for (let warmUp = 0; warmUp < 3; warmUp++) {
    await cpuUsPerRequest(on, prompts, requests);
    await cpuUsPerRequest(off, prompts, requests);
  }
  const rounds = await repeat(
    bench,
    { what: "tracing and logging, pair", times: bench.pairs, limitMs },
    async () => {
      const onUs = await cpuUsPerRequest(on, prompts, requests);
      const offUs = await cpuUsPerRequest(off, prompts, requests);
      const said = `on ${onUs.toFixed(0)}, off ${offUs.toFixed(0)} µs, ${(onUs - offUs).toFixed(0)} more`;
      return { result: { onUs, offUs, moreUs: onUs - offUs }, said };
    },
  );
  await on.stop();
  await off.stop();
  const longAnswerUs = await measureLongAnswerUs(bench);
  const more = computeSpread(rounds.map(({ moreUs }) => moreUs));
  const percent = (more.median / longAnswerUs) * 100;
  const onSpread = computeSpread(rounds.map(({ onUs }) => onUs));
  const offSpread = computeSpread(rounds.map(({ offUs }) => offUs));
  return {
    columns: ["pairs", "requests a round", "on", "off", "more with it on", "of a 64-token request"],
    rows: [
      [
        String(more.count),
        String(requests),
        formatSpread(onSpread, 0),
        formatSpread(offSpread, 0),
        formatSpread(more, 0),
        `${percent.toFixed(3)} % of ${(longAnswerUs / 1000).toFixed(0)} ms`,
      ],
    ],
    goals: [
      { sentence: `at most ${goalUs} µs a request`, isReached: more.median <= goalUs },
      {
        sentence: `at most ${goalPercent} % of a ${longAnswerTokens}-token request`,
        isReached: percent <= goalPercent,
      },
    ],
    values: {
      requests,
      on: onSpread,
      off: offSpread,
      more,
      longAnswerCpuUs: longAnswerUs,
      percent,
    },
  };
}

/** One after the other, of one token each, so that the model takes as little as it can. */
async function cpuUsPerRequest(
  server: MeasuredServer,
  prompts: Prompts,
  requests: number,
): Promise<number> {
  const before = cpuTimeUs(server.pid);
  for (let index = 0; index < requests; index++) {
    await server.client.complete({ prompt: prompts.ofWords(8), maxTokens: 1, stream: false });
  }
  // The spans of the last requests are still to be sent, and that belongs to the round.
  await delay(exportPauseMs);
  return (cpuTimeUs(server.pid) - before) / requests;
}

/** What one request of a usual length costs the server on the real model, all in all. */
async function measureLongAnswerUs(bench: Bench): Promise<number> {
  const server = await MeasuredServer.start(bench, { model: "real", slots: 1, observed: true });
  const prompts = new Prompts(6);
  const once = async (): Promise<number> => {
    const before = cpuTimeUs(server.pid);
    const prompt = prompts.story();
    await server.client.complete({ prompt, maxTokens: longAnswerTokens, stream: false });
    return cpuTimeUs(server.pid) - before;
  };
  await once();
  const times: number[] = [];
  for (let index = 0; index < 5; index++) {
    times.push(await once());
  }
  await server.stop();
  return median(times);
}
