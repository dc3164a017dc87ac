import { type Bench, type Part, type PartResult, repeat } from "./bench-run.ts";
import { type Completion, Prompts } from "./completion-client.ts";
import { MeasuredServer } from "./measured-server.ts";
import { computeSpread, median, percentile } from "./statistics.ts";

const promptWords = 400;
const limitMs = 50_000;

export const firstToken: Part = {
  name: "first-token",
  title: "Time to the first token, ms, of a stream",
  measure,
};

async function measure(bench: Bench): Promise<PartResult> {
  const server = await MeasuredServer.start(bench, { model: "real", slots: 1, observed: true });
  const prompts = new Prompts(8);
  const ask = (prompt: string): Promise<Completion> =>
    server.client.complete({ prompt, maxTokens: 4, stream: true });
  await ask(prompts.ofWords(promptWords));
  const pairs = await repeat(
    bench,
    {
      what: "first token, pair",
      times: bench.pairs * 2,
      limitMs: bench.isQuick ? 10_000 : limitMs,
    },
    async () => {
      const prompt = prompts.ofWords(promptWords);
      const cold = await ask(prompt);
      // As the next turn of a conversation: everything of before, and a little more.
      const cached = await ask(`${prompt}, and the last of them was`);
      const said = `cold ${waitMs(cold).toFixed(0)} ms, cached ${waitMs(cached).toFixed(0)} ms`;
      return { result: { cold, cached }, said };
    },
  );
  await server.stop();
  const cold = pairs.map((pair) => pair.cold);
  const cached = pairs.map((pair) => pair.cached);
  return {
    columns: ["prompt", "requests", "input tokens", "of them cached", "p50", "p95", "min to max"],
    rows: [createRow("cold", cold), createRow("with a cached prefix", cached)],
    goals: [],
    values: { cold: listValues(cold), cached: listValues(cached) },
  };
}

function waitMs({ sentAt, pieceTimes }: Completion): number {
  const [first] = pieceTimes;
  if (first === undefined) {
    throw new Error("A stream had no text.");
  }
  return first - sentAt;
}

function listValues(completions: readonly Completion[]) {
  const waits = completions.map(waitMs);
  return {
    ...computeSpread(waits),
    p95: percentile(waits, 0.95),
    promptTokens: median(completions.map(({ promptTokens }) => promptTokens)),
    cachedTokens: median(completions.map(({ cachedTokens }) => cachedTokens)),
  };
}

function createRow(name: string, completions: readonly Completion[]): string[] {
  const { count, median: p50, p95, min, max, promptTokens, cachedTokens } = listValues(completions);
  return [
    name,
    ...[count, promptTokens, cachedTokens].map(String),
    ...[p50, p95].map((value) => value.toFixed(1)),
    `${min.toFixed(1)} to ${max.toFixed(1)}`,
  ];
}
