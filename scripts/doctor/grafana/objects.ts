import type { PlannedChange } from "../../../provisioning/index.ts";
import { type Check, orFine, type Seen } from "../check.ts";
import { Finding } from "../finding.ts";
import type { Plans } from "./plans.ts";

/** Folder, dashboards, rules and datasources, as the generated files have them. */
export function objectsCheck(plans: () => Promise<Plans>, url: string): Check {
  return {
    name: "Objects",
    why: "A dashboard of an older contract asks for names that nobody sends any more.",
    look: async () => {
      const { changes, grafana } = await plans();
      // The history of queries is a person's own: nobody else misses it.
      const wanted = changes.filter(({ kind }) => kind !== "saved query");
      const plugin =
        grafana.hasTempoPlugin === false ? [new Finding("grafana_plugin_missing")] : [];
      const fromFiles = wanted.filter(isFromFile).length;
      const kept = wanted.filter(({ action }) => action === "keep").length;
      const files = fromFiles === 0 ? "" : `; read from files: ${fromFiles}`;
      return orFine([...plugin, ...judge(wanted, url)], `as generated: ${kept}${files}.`);
    },
  };
}

function judge(changes: readonly PlannedChange[], url: string): Seen[] {
  const toCreate = changes.filter(({ action }) => action === "create");
  const toUpdate = changes.filter(({ action }) => action === "update");
  const older = changes.filter((change) => differencesOfFile(change) > 0);
  const foreign = changes.filter((one) => one.action === "refuse" && !isFromFile(one));
  const details = (some: readonly PlannedChange[]) => some.map(inWords);
  return [
    ...(toCreate.length + toUpdate.length > 0
      ? [
          new Finding("grafana_lacks", {
            missing: toCreate.length,
            differing: toUpdate.length,
            url,
            details: details([...toCreate, ...toUpdate]),
          }),
        ]
      : []),
    ...(older.length > 0
      ? [new Finding("grafana_files_differ", { count: older.length, details: details(older) })]
      : []),
    ...(foreign.length > 0
      ? [new Finding("grafana_foreign", { count: foreign.length, details: details(foreign) })]
      : []),
  ];
}

function isFromFile(change: PlannedChange): boolean {
  return change.action === "refuse" && change.file !== undefined;
}

function differencesOfFile(change: PlannedChange): number {
  return change.action === "refuse" ? (change.file?.differences.length ?? 0) : 0;
}

function inWords(change: PlannedChange): string {
  const { kind, id, action } = change;
  switch (action) {
    case "refuse":
      return `${kind} ${id}: ${change.file?.differences[0]?.path ?? change.reason}`;
    case "create":
      return `${kind} ${id}: missing`;
    default:
      return `${kind} ${id}: differs`;
  }
}
