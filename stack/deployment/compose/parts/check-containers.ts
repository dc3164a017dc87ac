import { getRootSpan, getServiceKey } from "#contract";
import { chosenServices } from "../../../services.ts";
import { probe } from "../../../state/probe.ts";
import type { StackState } from "../../../state/stack-state.ts";
import { searchTempo } from "../../../trace/tempo-query.ts";
import { checkGrafana, type GrafanaReport } from "./grafana-report.ts";

export interface PartHealth {
  readonly name: string;
  readonly url: string;
  readonly isReady: boolean;
}

export interface PartsHealth {
  readonly parts: readonly PartHealth[];
  readonly grafana: GrafanaReport | null;
  readonly lastTrace: { readonly traceId: string; readonly startedAt: string } | null;
  /** What is wrong, a sentence each. */
  readonly problems: readonly string[];
}

const answerLimitMs = 5_000;
const lastTraceSeconds = 24 * 3600;

/** How the parts of a stack in containers are; undefined for a stack that has none. */
export async function checkContainers(state: StackState): Promise<PartsHealth | undefined> {
  if (state.parts === undefined) {
    return undefined;
  }
  const parts = await Promise.all(
    Object.entries(state.parts).map(async ([name, url]) => ({
      name,
      url,
      isReady: (await probe(url, answerLimitMs))?.status === 200,
    })),
  );
  const isReady = (name: string) => parts.some((part) => part.name === name && part.isReady);
  const grafana =
    isReady("grafana") && state.viewerUrl !== null ? await checkGrafana(state.viewerUrl) : null;
  return {
    parts,
    grafana,
    lastTrace: isReady("tempo") ? await fetchLastTrace(state.tempoUrl) : null,
    problems: [
      ...parts
        .filter((part) => !part.isReady)
        .map(({ name, url }) => `The container of ${name} is not ready: ${url}`),
      ...(grafana?.problems ?? []),
    ],
  };
}

async function fetchLastTrace(tempoUrl: string): Promise<PartsHealth["lastTrace"]> {
  const requests = (await chosenServices()).map(({ name, contract }) => {
    const service = `resource.${getServiceKey(contract)} = ${JSON.stringify(name)}`;
    return `(${service} && name = ${JSON.stringify(getRootSpan(contract).name)})`;
  });
  const end = Math.ceil(Date.now() / 1000) + 5;
  try {
    const { traces = [] } = await searchTempo(tempoUrl, {
      text: `{ ${requests.join(" || ")} } with (most_recent=true)`,
      start: end - lastTraceSeconds,
      end,
      limit: 1,
    });
    const [newest] = traces;
    return newest === undefined
      ? null
      : {
          traceId: newest.traceID.padStart(32, "0"),
          startedAt: new Date(
            Number(BigInt(newest.startTimeUnixNano ?? "0") / 1_000_000n),
          ).toISOString(),
        };
  } catch {
    // That it does not answer is said already, by its part.
    return null;
  }
}
