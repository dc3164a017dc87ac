import type { Miniserve } from "#miniserve";
import type { DashboardContext } from "../context.ts";
import { limitStat, meanByPanel, spreadPanel } from "../panels/measured.ts";

export function firstTokenStat(board: DashboardContext<Miniserve>) {
  return limitStat(board, "handler.timeToFirstTokenUs", {
    title: "First token",
    limit: "slow-first-token",
  });
}

export function slotWaitStat(board: DashboardContext<Miniserve>) {
  return limitStat(board, "handler.slotWaitUs", { title: "Slot wait", limit: "waiting-for-slot" });
}

export function decodeStepStat(board: DashboardContext<Miniserve>) {
  return limitStat(board, "decode.meanStepMs", {
    title: "Decode step",
    limit: "slow-decode-steps",
    aboveZero: "decodeSteps",
  });
}

export function firstTokenTimeseries(board: DashboardContext<Miniserve>) {
  return spreadPanel(board, "handler.timeToFirstTokenUs", {
    title: "First token",
    advice:
      "High means a wait for a slot, a long prefill or a slow retrieval: the stages tell which.",
    whenEmpty: "No token",
  });
}

export function slotWaitTimeseries(board: DashboardContext<Miniserve>) {
  return spreadPanel(board, "handler.slotWaitUs", {
    title: "Wait for a slot",
    aboveZero: "slotWaitUs",
    advice: "Of those that waited. Anything that lasts means more requests than slots.",
    whenEmpty: "No request waited",
  });
}

export function decodeStepTimeseries(board: DashboardContext<Miniserve>) {
  return meanByPanel(board, "decode.meanStepMs", {
    title: "Mean decode step by model",
    advice:
      "It rises with the number of requests that run at once; alone, it means a busy machine or memory that is swapped out.",
    whenEmpty: "No answer",
    aboveZero: "decodeSteps",
    by: "model",
  });
}
