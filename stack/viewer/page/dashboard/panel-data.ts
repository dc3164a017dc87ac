import type { PanelJson, TargetJson } from "../../data/dashboard.ts";
import { askedTargets } from "../../data/expressions.ts";
import type { Frame } from "../../data/frame.ts";
import { interpolate } from "../../data/interpolation.ts";
import { createInterpolation } from "../../data/links.ts";
import { type LogRow, logRows, type StreamsAnswer } from "../../data/log-rows.ts";
import {
  createTargetRequest,
  getQueryText,
  type TargetRequest,
} from "../../data/target-request.ts";
import type { MetricsAnswer, SearchAnswer } from "../../data/tempo-answers.ts";
import { instantFrames, rangeFrames, spansFrame } from "../../data/tempo-frames.ts";
import { getHinted, inTurn } from "../api/load.ts";
import type { DashboardContextValue } from "./dashboard-context.ts";

/** A query of a panel as it is sent, or why it is not. */
export interface PanelQuery {
  readonly target: TargetJson;
  readonly datasource: { readonly uid: string; readonly type: string };
  /** The name of a datasource that is provisioned for Grafana, and that nobody answers for here. */
  readonly askedOnlyInGrafana: string | undefined;
  readonly request: TargetRequest;
  /** The address at this server. */
  readonly address: string;
}

/** What the queries of a panel gave. */
export interface PanelData {
  readonly frames: readonly Frame[];
  readonly logs: readonly LogRow[];
  /** Tempo's JSON of a trace, when one was asked for. */
  readonly trace: unknown;
  /** How long the slowest query took, without the wait for its turn. */
  readonly tookMs: number;
  /** What the store says of names in the queries that nobody knows. */
  readonly hints: readonly string[];
}

/** The queries of a panel that are not empty. */
export function listQueries(panel: PanelJson, context: DashboardContextValue): PanelQuery[] {
  const interpolation = createInterpolation(context);
  return askedTargets(panel.targets ?? []).flatMap((target) => {
    const text = interpolate(getQueryText(target), interpolation);
    const request = createTargetRequest(target, text, context.range);
    const { uid = "", type = "" } = target.datasource ?? panel.datasource ?? {};
    const asked = interpolate(uid, interpolation);
    const found =
      context.datasources.find((one) => one.uid === asked) ??
      (asked === "" ? context.datasources.find(({ isDefault }) => isDefault) : undefined);
    const datasource = { uid: found?.uid ?? asked, type: found?.type ?? type };
    return request === undefined
      ? []
      : [
          {
            target,
            datasource,
            askedOnlyInGrafana:
              found !== undefined && found.answeredBy === undefined ? found.name : undefined,
            request,
            address: `/api/datasources/proxy/uid/${encodeURIComponent(datasource.uid)}${request.path}`,
          },
        ];
  });
}

/**
 * Asks all queries of a panel, in turn with those of other panels.
 * @throws RequestError with the words of the store for the first that fails.
 */
export async function askPanel(
  queries: readonly PanelQuery[],
  toMs: number,
  signal: AbortSignal,
): Promise<PanelData> {
  const answers = await Promise.all(
    queries.map(async ({ address, request: { kind }, target: { refId } }) =>
      inTurn(signal, async () => {
        const started = performance.now();
        const hinted = await getHinted(address, signal);
        return { kind, refId, ...hinted, tookMs: performance.now() - started };
      }),
    ),
  );
  const frames = answers.flatMap(({ kind, answer, refId }) =>
    toFrames(kind, answer, toMs).map((frame) => ({ ...frame, refId })),
  );
  const ofKind = (wanted: string) =>
    answers.filter(({ kind }) => kind === wanted).map(({ answer }) => answer);
  return {
    frames,
    logs: ofKind("logs").flatMap((answer) => logRows(answer as StreamsAnswer)),
    trace: ofKind("trace")[0],
    tookMs: Math.max(0, ...answers.map(({ tookMs }) => tookMs)),
    hints: answers.flatMap(({ hint }) => hint ?? []),
  };
}

function toFrames(kind: TargetRequest["kind"], answer: unknown, toMs: number): Frame[] {
  if (kind === "search") {
    return [spansFrame(answer as SearchAnswer)];
  }
  if (kind === "range") {
    return rangeFrames(answer as MetricsAnswer);
  }
  return kind === "instant" ? instantFrames(answer as MetricsAnswer, toMs) : [];
}
