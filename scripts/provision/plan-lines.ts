import { shortText } from "#contract";
import type {
  Difference,
  PlannedChange,
  ProvisioningError,
  ProvisioningPlan,
} from "../../provisioning/index.ts";
import type { CommandCall } from "../../stack/index.ts";

type Screen = Pick<CommandCall<Record<never, never>>, "style">;
type Style = Screen["style"];

const signs = {
  keep: { sign: "=", emphasis: "dim" },
  create: { sign: "+", emphasis: "green" },
  update: { sign: "~", emphasis: "yellow" },
  delete: { sign: "-", emphasis: "red" },
  leave: { sign: "?", emphasis: "yellow" },
  refuse: { sign: "✗", emphasis: "red" },
} as const;

/** Each difference of an update up to so many, the rest as a number. */
const mostDifferences = 6;

/** What is to be done, a line each, with what differs below it. */
export function planLines(
  { grafana, client, steps, notices }: ProvisioningPlan,
  { style }: Screen,
) {
  const name = [grafana.version, grafana.edition].filter((word) => word !== undefined).join(", ");
  return [
    style("bold", `Grafana ${name === "" ? "" : `${name} `}at ${client.url}`),
    ...steps.flatMap(({ change }) => changeLines(change, style)),
    ...(notices.length === 0 ? [] : [""]),
    ...notices.map((notice) => `${style("yellow", "!")} ${notice}`),
  ];
}

function changeLines(change: PlannedChange, style: Style): string[] {
  const { sign, emphasis } = signs[change.action];
  const title = shortText(change.title);
  const line = `${sign} ${change.kind.padEnd(11)} ${change.id.padEnd(34)} ${title}`;
  return [`  ${style(emphasis, line)}`, ...listReasons(change).map((reason) => `      ${reason}`)];
}

function listReasons(change: PlannedChange): string[] {
  switch (change.action) {
    case "keep":
    case "create":
    case "delete":
      return [];
    case "leave":
    case "refuse":
      return [change.reason];
    case "update": {
      const rest = change.differences.length - mostDifferences;
      return [
        ...change.differences.slice(0, mostDifferences).map(differenceLine),
        ...(rest > 0 ? [`and ${rest} more`] : []),
      ];
    }
    default:
      return change satisfies never;
  }
}

const mostCharacters = 60;

function differenceLine({ path, present, wanted }: Difference): string {
  return `${path}: ${shown(present)} → ${shown(wanted)}`;
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : shortText(JSON.stringify(value), mostCharacters);
}

const pastWords = { create: "created", update: "updated", delete: "deleted" } as const;

export function doneLine({ kind, id, action }: PlannedChange, style: Style): string {
  const word = action in pastWords ? pastWords[action as keyof typeof pastWords] : action;
  return `${style("green", "✓")} ${kind} ${id} ${word}`;
}

/** `To do: 4 to create, 1 to update.` */
export function summaryLine(changes: readonly PlannedChange[]): string {
  const counts = (["create", "update", "delete"] as const)
    .map((action) => ({ action, count: changes.filter((one) => one.action === action).length }))
    .filter(({ count }) => count > 0)
    .map(({ action, count }) => `${count} to ${action}`);
  return `To do: ${counts.join(", ")}. Nothing was changed.`;
}

type Result = "refused" | "nothing to do" | "planned" | "applied" | "broken off";

/** What `--json` prints. */
export function planReport(
  { grafana, client, steps, notices }: ProvisioningPlan,
  result: Result,
  done: readonly PlannedChange[] = [],
  error?: ProvisioningError,
) {
  const { version = null, edition = null } = grafana;
  return {
    result,
    grafana: { url: client.url, version, edition },
    changes: steps.map(({ change }) => ({
      kind: change.kind,
      id: change.id,
      title: change.title,
      action: change.action,
      differences: "differences" in change ? change.differences : [],
      reason: "reason" in change ? change.reason : null,
      done: done.includes(change),
    })),
    notices,
    error:
      error === undefined ? null : { code: error.code, message: error.message, hint: error.hint },
  };
}
