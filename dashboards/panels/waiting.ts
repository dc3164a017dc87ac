import { type Board, type Miniserve, savedQuery } from "../board.ts";
import { numberStat } from "../shapes/stat.ts";
import { lines, quantileLines } from "../shapes/timeseries.ts";
import { stepsTo } from "./requests.ts";

const microsecondsPerMillisecond = 1000;

function thresholdMs(board: Board<Miniserve>, id: string): number {
  return Number(savedQuery(board, id).parameters.threshold?.default);
}

export function firstTokenStat(board: Board<Miniserve>) {
  const limitMs = thresholdMs(board, "slow-first-token");
  return numberStat({
    title: "First token, p95",
    description: `5 in 100 clients waited longer for their first token. Red from ${limitMs} ms on. A long wait for a slot means too few slots; otherwise look at prefill and retrieval.`,
    whenEmpty: "–",
    query: board.query.spans("handler").quantileOverTime("timeToFirstTokenUs", 0.95),
    unit: "µs",
    steps: stepsTo(limitMs * microsecondsPerMillisecond),
  }).decimals(1);
}

export function slotWaitStat(board: Board<Miniserve>) {
  const limitMs = thresholdMs(board, "waiting-for-slot");
  return numberStat({
    title: "Longest wait for a slot",
    description: `The longest time that a request waited until the model had a place for it. Red from ${limitMs} ms on: more requests run than there are slots.`,
    whenEmpty: "–",
    query: board.query.spans("handler").maxOverTime("slotWaitUs"),
    unit: "µs",
    steps: stepsTo(limitMs * microsecondsPerMillisecond),
  }).decimals(1);
}

export function decodeStepStat(board: Board<Miniserve>) {
  const limitMs = thresholdMs(board, "slow-decode-steps");
  return numberStat({
    title: "Mean decode step",
    description: `How long a step of the generation takes, on average over all answers. Red from ${limitMs} ms on: look at how many requests run at once, and at the machine.`,
    whenEmpty: "–",
    query: board.query.spans("decode", (a) => a.decodeSteps.gt(0)).avgOverTime("meanStepMs"),
    unit: "ms",
    steps: stepsTo(limitMs),
  }).decimals(1);
}

export function firstTokenTimeseries({ contract, query }: Board<Miniserve>) {
  return quantileLines({
    title: "First token",
    description: `${contract.attributes.timeToFirstTokenUs.meaning} High means a wait for a slot, a long prefill or a slow retrieval: the stages tell which.`,
    whenEmpty: "No token in this time range",
    query: query.spans("handler").quantileOverTime("timeToFirstTokenUs", 0.5, 0.95, 0.99),
    unit: "µs",
  });
}

export function slotWaitTimeseries({ contract, query }: Board<Miniserve>) {
  return quantileLines({
    title: "Wait for a slot",
    description: `${contract.attributes.slotWaitUs.meaning} Of those that waited: quantiles leave out zeros. Anything that lasts means more requests than slots.`,
    whenEmpty: "No request waited in this time range",
    query: query.spans("handler").quantileOverTime("slotWaitUs", 0.5, 0.95, 0.99),
    unit: "µs",
  });
}

export function decodeStepTimeseries({ contract, query }: Board<Miniserve>) {
  return lines({
    title: "Mean decode step by model",
    description: `${contract.attributes.meanStepMs.meaning} Averaged over answers with a step. It rises with the number of requests that run at once; alone, it means a busy machine or memory that is swapped out.`,
    whenEmpty: "No answer in this time range",
    query: query
      .spans("decode", (a) => a.decodeSteps.gt(0))
      .avgOverTime("meanStepMs")
      .by("model"),
    unit: "ms",
  });
}
