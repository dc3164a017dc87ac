import type { Bench, Goal, Part, PartResult } from "./bench-run.ts";
import { Prompts } from "./completion-client.ts";
import { MeasuredServer } from "./measured-server.ts";
import { residentBytes } from "./running-program.ts";

const requestsAtOnce = 4;
/** Before so many requests the server is still growing into its work. */
const warmUpRequests = 1_000;
const goalPercent = 5;

interface Reading {
  readonly requests: number;
  readonly mebibytes: number;
}

export const memory: Part = {
  name: "memory",
  title: "Resident memory of the server, MiB, over many requests on the tiny model",
  measure,
};

async function measure(bench: Bench): Promise<PartResult> {
  const total = bench.isQuick ? 500 : 5_000;
  const server = await MeasuredServer.start(bench, { model: "tiny", slots: 2, observed: true });
  const prompts = new Prompts(9);
  const readings: Reading[] = [];
  for (let sent = 0; sent < total; sent += total / 10) {
    await sendMany(server, prompts, total / 10);
    const reading = {
      requests: sent + total / 10,
      mebibytes: residentBytes(server.pid) / 1024 / 1024,
    };
    readings.push(reading);
    bench.progress(`memory, ${reading.requests} requests: ${reading.mebibytes.toFixed(1)} MiB`);
  }
  await server.stop();
  return {
    columns: ["after requests", "MiB"],
    rows: readings.map(({ requests, mebibytes }) => [String(requests), mebibytes.toFixed(1)]),
    goals: listGoals(readings),
    values: { readings },
  };
}

/** None for a quick run, which ends before the server has grown into its work. */
function listGoals(readings: readonly Reading[]): Goal[] {
  const warm = readings.find(({ requests }) => requests >= warmUpRequests);
  const last = readings.at(-1);
  if (warm === undefined || last === undefined) {
    return [];
  }
  const percent = (last.mebibytes / warm.mebibytes - 1) * 100;
  return [
    {
      sentence:
        `at most ${goalPercent} % more after ${last.requests} requests than after ` +
        `${warm.requests} (${percent.toFixed(1)} %)`,
      isReached: percent <= goalPercent,
    },
  ];
}

/** Plain answers and streams by turns, several at once. */
async function sendMany(server: MeasuredServer, prompts: Prompts, count: number): Promise<void> {
  let left = count;
  const sendOnAndOn = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await server.client.complete({
        prompt: prompts.ofWords(20),
        maxTokens: 8,
        stream: left % 2 === 0,
      });
    }
  };
  await Promise.all(Array.from({ length: requestsAtOnce }, sendOnAndOn));
}
