import { nearestTo } from "#contract";
import type { Proposal } from "#infer";
import { type CommandCall, StackError } from "../../stack/index.ts";

/** Where a contract is written if nobody says: its service's name, as far as files can have it. */
export function contractFileName(service: string): string {
  const name = service
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  return `${name || "service"}.contract.ts`;
}

/** A proposal as the lines of a diff. */
export function formatProposal(
  { kind, what, lines }: Proposal,
  style: CommandCall<Record<never, never>>["style"],
): string[] {
  const [sign, color] = kind === "add" ? (["+", "green"] as const) : (["~", "yellow"] as const);
  return [
    `${style(color, sign)} ${what}`,
    ...lines.map((line) => style(color, `${sign} ${line}`)),
    "",
  ];
}

/** @param known The services that the store has. */
export function missingService({
  service,
  since,
  known,
}: {
  readonly service: string;
  readonly since: string;
  readonly known: readonly string[];
}): StackError {
  const nearest = nearestTo(service, known, Math.ceil(service.length / 3));
  return new StackError("service_not_seen", {
    service,
    since,
    advice:
      known.length === 0
        ? "The store has no spans of that time: send some, or look further back with --since."
        : `${nearest === undefined ? "" : `Did you mean ${nearest}? `}The store has ${known.join(", ")}.`,
  });
}
