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
      const of = (...actions: readonly string[]) =>
        changes.filter(({ action }) => actions.includes(action));
      const inWords = ({ kind, id, action }: (typeof changes)[number]) =>
        `${action}: ${kind} ${id}`;
      const toDo = of("create", "update");
      const foreign = of("refuse");
      const findings: Seen[] = [
        ...(grafana.hasTempoPlugin === false ? [new Finding("grafana_plugin_missing")] : []),
        ...(toDo.length > 0
          ? [
              new Finding("grafana_lacks", {
                missing: of("create").length,
                differing: of("update").length,
                url,
                details: toDo.map(inWords),
              }),
            ]
          : []),
        ...(foreign.length > 0
          ? [
              new Finding("grafana_foreign", {
                count: foreign.length,
                details: foreign.map(
                  (change) =>
                    `${change.kind} ${change.id}: ${"reason" in change ? change.reason : ""}`,
                ),
              }),
            ]
          : []),
      ];
      return orFine(findings, `${of("keep").length} are as generated.`);
    },
  };
}
