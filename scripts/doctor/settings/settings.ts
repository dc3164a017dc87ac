import { readConfiguration } from "../../../server/index.ts";
import { StackError } from "../../../stack/index.ts";
import { type Check, fine } from "../check.ts";
import { isHad, type Subject } from "../subject.ts";

export function settingsCheck({ config, hasServer }: Subject): Check {
  return {
    name: "Settings",
    why: "With one that is invalid nothing starts, and a misspelt one would do nothing.",
    look: () => {
      const ofStack = isHad(config) ? [] : config.details;
      const read = hasServer ? readConfiguration() : undefined;
      const ofServer =
        read !== undefined && "faults" in read
          ? read.faults.map(({ variable, reason }) => `${variable}: ${reason}`)
          : [];
      // Both have some of them in common.
      const details = [
        ...ofStack,
        ...ofServer.filter((line) => !ofStack.some((one) => sameVariable(one, line))),
      ];
      return details.length === 0
        ? fine("all valid.")
        : new StackError("configuration_invalid", { details });
    },
  };
}

function sameVariable(one: string, other: string): boolean {
  return one.split(/\W/)[0] === other.split(/\W/)[0];
}
