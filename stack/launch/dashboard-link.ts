import type { Style } from "../command/terminal.ts";
import type { StackState } from "../state/read-state.ts";

const answerLimitMs = 5_000;

/** Where the dashboards are: the overview where there is one, as the last thing that is printed. */
export async function dashboardLines(state: StackState, style: Style): Promise<string[]> {
  if (state.viewerUrl === null) {
    return [];
  }
  const path = await firstDashboard(state.viewerUrl);
  return ["", `The dashboards: ${style("bold", `${state.viewerUrl}${path}`)}`];
}

async function firstDashboard(viewerUrl: string): Promise<string> {
  try {
    const response = await fetch(`${viewerUrl}/api/viewer/provisioned`, {
      signal: AbortSignal.timeout(answerLimitMs),
    });
    const { dashboards } = (await response.json()) as {
      dashboards: readonly { uid: string; url: string }[];
    };
    const found = dashboards.find(({ uid }) => uid.endsWith("-overview")) ?? dashboards[0];
    return found?.url ?? "/dashboards";
  } catch {
    // The list of them says why there is none.
    return "/dashboards";
  }
}
