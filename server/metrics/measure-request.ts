import type { HrTime } from "@opentelemetry/api";
import { metrics as declared, spans } from "#miniserve";
import type { EndedRequest } from "../tracing/index.ts";
import type { Metrics } from "./start-metrics.ts";

const nanosecondsPerSecond = 1e9;
const microsecondsPerSecond = 1e6;

/** What the metrics say of a request that is over: from the times and the values of its spans alone. */
export function measureRequest(metrics: Metrics, request: EndedRequest): void {
  const root = request.of(spans.handler);
  const [route, model, outcome] = [
    root?.value("route"),
    root?.value("model"),
    root?.value("outcome"),
  ];
  if (root === undefined || route === undefined || model === undefined || outcome === undefined) {
    return;
  }
  const durationSeconds = secondsBetween(root.startTime, root.endTime);
  metrics.record(declared.requestDuration, durationSeconds, { route, model, outcome });
  const firstTokenUs = root.value("timeToFirstTokenUs");
  if (firstTokenUs !== undefined) {
    const firstTokenSeconds = firstTokenUs / microsecondsPerSecond;
    metrics.record(declared.timeToFirstToken, firstTokenSeconds, { route, model });
  }
  measureInput(metrics, request);
  measureVectors(metrics, request);
  measureOutput(metrics, request);
}

function measureInput(metrics: Metrics, request: EndedRequest): void {
  const prefill = request.of(spans.prefill);
  const [model, tokensIn, cacheHits] = [
    prefill?.value("model"),
    prefill?.value("tokensIn"),
    prefill?.value("cacheHits"),
  ];
  if (model === undefined || tokensIn === undefined || cacheHits === undefined) {
    // It was interrupted, or threw: nobody knows how much of it was evaluated.
    return;
  }
  metrics.record(declared.tokensRead, tokensIn, { model });
  metrics.record(declared.tokensCached, cacheHits, { model });
  metrics.record(declared.cacheHitRatio, cacheHits / tokensIn, { model });
}

/** What the models of retrieval read when they are asked by themselves; nothing of it is ever cached. */
function measureVectors(metrics: Metrics, request: EndedRequest): void {
  for (const span of [request.of(spans.embedInput), request.of(spans.rerankInput)]) {
    const [model, tokensIn] = [span?.value("model"), span?.value("tokensIn")];
    if (model !== undefined && tokensIn !== undefined) {
      metrics.record(declared.tokensRead, tokensIn, { model });
    }
  }
}

function measureOutput(metrics: Metrics, request: EndedRequest): void {
  const root = request.of(spans.handler);
  const decode = request.of(spans.decode);
  const [model, tokensOut, stopReason] = [
    decode?.value("model"),
    decode?.value("tokensOut"),
    decode?.value("stopReason"),
  ];
  if (
    decode === undefined ||
    model === undefined ||
    tokensOut === undefined ||
    stopReason === undefined
  ) {
    return;
  }
  metrics.record(declared.tokensGenerated, tokensOut, { model, stopReason });
  const [route, firstTokenUs] = [root?.value("route"), root?.value("timeToFirstTokenUs")];
  const isCompleted = root?.value("outcome") === "completed";
  if (root !== undefined && route !== undefined && firstTokenUs !== undefined && isCompleted) {
    const afterFirst = tokensOut - 1;
    const seconds =
      secondsBetween(root.startTime, decode.endTime) - firstTokenUs / microsecondsPerSecond;
    if (afterFirst > 0) {
      metrics.record(declared.timePerOutputToken, seconds / afterFirst, {
        route,
        model,
        stopReason,
      });
    }
  }
}

function secondsBetween([fromSeconds, fromNs]: HrTime, [toSeconds, toNs]: HrTime): number {
  return (
    ((toSeconds - fromSeconds) * nanosecondsPerSecond + (toNs - fromNs)) / nanosecondsPerSecond
  );
}
