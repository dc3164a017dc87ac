import { type Board, type Miniserve, savedQuery } from "../board.ts";
import { spreadStat } from "../shapes/stat.ts";
import { lines, spreadLines } from "../shapes/timeseries.ts";
import { stepsTo } from "./requests.ts";
import { exactNumbersOf, spreadNote, spreadOf } from "./series.ts";

const microsecondsPerMillisecond = 1000;

/** The threshold of a saved query, in milliseconds, and what it is worth. */
function limitOf(board: Board<Miniserve>, id: string) {
  const { parameters, severity } = savedQuery(board, id);
  return { limitMs: Number(parameters.threshold?.default), severity };
}

export function firstTokenStat(board: Board<Miniserve>) {
  const { limitMs, severity } = limitOf(board, "slow-first-token");
  return spreadStat({
    title: "First token",
    description: `How long clients waited for it: the mean, and the longest. Yellow from ${limitMs} ms on. A long wait for a slot means too few slots; otherwise look at prefill and retrieval.`,
    whenEmpty: "–",
    queries: exactNumbersOf(board.query.spans("handler"), "timeToFirstTokenUs"),
    unit: "µs",
    steps: stepsTo(limitMs * microsecondsPerMillisecond, { severity }),
  });
}

export function slotWaitStat(board: Board<Miniserve>) {
  const { limitMs, severity } = limitOf(board, "waiting-for-slot");
  return spreadStat({
    title: "Slot wait",
    description: `How long requests waited until the model had a place for them: the mean, and the longest. Yellow from ${limitMs} ms on: more requests run than there are slots.`,
    whenEmpty: "–",
    queries: exactNumbersOf(board.query.spans("handler"), "slotWaitUs"),
    unit: "µs",
    steps: stepsTo(limitMs * microsecondsPerMillisecond, { severity }),
  });
}

export function decodeStepStat(board: Board<Miniserve>) {
  const { limitMs, severity } = limitOf(board, "slow-decode-steps");
  return spreadStat({
    title: "Decode step",
    description: `How long a step of the generation takes: on average, and in the slowest answer. Yellow from ${limitMs} ms on: look at how many requests run at once, and at the machine.`,
    whenEmpty: "–",
    queries: exactNumbersOf(
      board.query.spans("decode", (a) => a.decodeSteps.gt(0)),
      "meanStepMs",
    ),
    unit: "ms",
    steps: stepsTo(limitMs, { severity }),
  });
}

export function firstTokenTimeseries({ contract, query }: Board<Miniserve>) {
  return spreadLines({
    title: "First token",
    description: `${contract.attributes.timeToFirstTokenUs.meaning} High means a wait for a slot, a long prefill or a slow retrieval: the stages tell which. ${spreadNote}`,
    whenEmpty: "No token",
    ...spreadOf(query.spans("handler"), "timeToFirstTokenUs"),
    unit: "µs",
  });
}

export function slotWaitTimeseries({ contract, query }: Board<Miniserve>) {
  return spreadLines({
    title: "Wait for a slot",
    description: `${contract.attributes.slotWaitUs.meaning} Of those that waited. Anything that lasts means more requests than slots. ${spreadNote}`,
    whenEmpty: "No request waited",
    ...spreadOf(
      query.spans("handler", (a) => a.slotWaitUs.gt(0)),
      "slotWaitUs",
    ),
    unit: "µs",
  });
}

export function decodeStepTimeseries({ contract, query }: Board<Miniserve>) {
  return lines({
    title: "Mean decode step by model",
    description: `${contract.attributes.meanStepMs.meaning} Averaged over answers with a step. It rises with the number of requests that run at once; alone, it means a busy machine or memory that is swapped out.`,
    whenEmpty: "No answer",
    query: query
      .spans("decode", (a) => a.decodeSteps.gt(0))
      .avgOverTime("meanStepMs")
      .by("model"),
    unit: "ms",
  });
}
