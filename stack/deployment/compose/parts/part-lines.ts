import type { Style } from "../../../command/terminal.ts";
import type { PartsHealth } from "./check-containers.ts";

/** The parts of a stack in containers, and what Grafana has loaded. */
export function partLines(health: PartsHealth, style: Style): string[] {
  const { parts, grafana, lastTrace, problems } = health;
  return [
    "",
    ...parts.map(({ name, url, isReady }) => {
      const word = style(isReady ? "green" : "red", (isReady ? "ready" : "not ready").padEnd(10));
      return `  ${name.padEnd(10)} ${word} ${url}`;
    }),
    ...(grafana === null
      ? []
      : [
          "",
          `Grafana ${grafana.version ?? ""} has loaded:`,
          ...listed(
            "dashboards",
            grafana.dashboards.map(({ title }) => title),
          ),
          ...listed(
            "datasources",
            grafana.datasources.map(({ title }) => title),
          ),
          ...listed("alert rules", grafana.rules.map(ruleText)),
        ]),
    `Last trace: ${lastTrace === null ? "none in a day" : `${lastTrace.traceId}, ${lastTrace.startedAt}`}`,
    ...problems.map((problem) => `${style("red", "✗")} ${problem}`),
  ];
}

function listed(name: string, titles: readonly string[]): string[] {
  const count = String(titles.length).padStart(3);
  return [`  ${count} ${name}${titles.length === 0 ? "" : `: ${titles.join(", ")}`}`];
}

function ruleText({
  title,
  health,
  state,
}: {
  title: string;
  health: string;
  state: string;
}): string {
  return health === "ok" ? `${title} (${state})` : `${title} (${health})`;
}
