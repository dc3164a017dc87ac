import type { Contract, Severity } from "#contract";

/** How much it matters that something was found. Nothing found is green. */
export const severityColours = {
  critical: "red",
  warning: "dark-yellow",
  info: "blue",
} as const satisfies Readonly<Record<Severity, string>>;

/** Of values of which none is worse than another. */
const neutral = ["blue", "orange", "light-blue", "light-orange", "dark-blue", "dark-orange"];
const plain = ["green", "yellow", "blue", "orange", "light-green", "light-blue", "light-yellow"];

const outcomeColours = {
  complete: ["green"],
  rejected: ["yellow", "light-yellow"],
  failed: ["red", "light-red"],
  interrupted: ["purple", "orange", "dark-orange", "dark-purple"],
} as const;

const httpStatus = "http.response.status_code";
/** As of the outcomes that they come of: refused, left, out of time, failed. */
const statusColours: ReadonlyMap<string, string> = new Map([
  ["200", "green"],
  ["400", "yellow"],
  ["404", "light-yellow"],
  ["429", "semi-dark-yellow"],
  ["499", "purple"],
  ["500", "red"],
  ["503", "dark-orange"],
  ["504", "orange"],
]);

/**
 * One colour a value of a closed list or an HTTP status, the same on every panel. Where some are failures or come of an
 * interruption, those are red and purple, and the others green and yellow.
 */
export function valueColours(contract: Contract, identifier: string): ReadonlyMap<string, string> {
  const values = (contract.attributes[identifier]?.values ?? []).map(String);
  if (contract.attributes[identifier]?.semconv?.key === httpStatus) {
    return statusColours;
  }
  if (identifier === contract.outcomes?.attribute) {
    return colourOutcomes(contract.outcomes);
  }
  const spans = Object.values(contract.spans);
  const failed = spans.map(({ whenFailed }) => whenFailed[identifier]);
  const interrupted = spans.map(({ whenInterrupted }) => whenInterrupted[identifier]);
  const others = values.filter((value) => !failed.includes(value) && !interrupted.includes(value));
  const colours = others.length === values.length ? neutral : plain;
  return new Map(
    values.map((value) => [
      value,
      failed.includes(value)
        ? "red"
        : interrupted.includes(value)
          ? "purple"
          : (colours[others.indexOf(value) % colours.length] ?? "text"),
    ]),
  );
}

function colourOutcomes({ byName }: NonNullable<Contract["outcomes"]>): Map<string, string> {
  const used = { complete: 0, rejected: 0, failed: 0, interrupted: 0 };
  return new Map(
    Object.entries(byName).map(([name, { tree }]) => {
      const colours = outcomeColours[tree];
      const colour = colours[used[tree] % colours.length] ?? "text";
      used[tree] += 1;
      return [name, colour];
    }),
  );
}
