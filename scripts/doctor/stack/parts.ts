import { checkContainers, type StackHealth } from "../../../stack/index.ts";
import { type Check, fine, orFine, type Seen, skipped } from "../check.ts";
import { Finding } from "../finding.ts";

/** The processes and containers, as stack:status sees them. */
export function partsCheck({ condition, state, children, problems, notices }: StackHealth): Check {
  return {
    name: "Parts",
    why: "Each part has its work: the store takes spans, the viewer shows them, the supervisor restarts what ends.",
    look: async () => {
      const told = notices.map((notice) => new Finding("stack_notice", { notice }));
      if (state === null) {
        return [...told, skipped("the stack does not run; npm run stack:up starts it.")];
      }
      if (condition === "starting" || condition === "stopping") {
        return skipped(`the stack is ${condition}.`);
      }
      const containers = (await checkContainers(state))?.problems ?? [];
      const faults = [...problems, ...containers].map(
        (problem) => new Finding("stack_faulty", { problem }),
      );
      const names = ["supervisor", ...children.map(({ name }) => name)].join(", ");
      const seen: Seen[] = [...faults, ...told];
      return faults.length > 0 ? seen : [fine(`${names} run and answer.`), ...told];
    },
  };
}

export function startedWithCheck(changed: readonly string[]): Check {
  return {
    name: "Started with",
    why: "A running stack keeps the settings that it was started with.",
    look: () =>
      orFine(
        changed.length === 0
          ? []
          : [new Finding("settings_changed", { variables: changed.join(", ") })],
        "the settings of this shell.",
      ),
  };
}
