import { createHmac } from "node:crypto";

/** Variable → a digest of its value, so that a state on disk tells no secret. */
export type SettingsDigest = Readonly<Record<string, string>>;

/** The digest of settings. When the stack was started is its salt. */
export function digestOf(
  settings: Readonly<Record<string, string>>,
  startedAt: string,
): SettingsDigest {
  return Object.fromEntries(
    Object.entries(settings).map(([variable, value]) => [
      variable,
      createHmac("sha256", startedAt).update(value).digest("hex").slice(0, 16),
    ]),
  );
}

/** The variables that are set in one of two and not, or otherwise, in the other. */
export function differingSettings(one: SettingsDigest, other: SettingsDigest): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])]
    .filter((variable) => one[variable] !== other[variable])
    .toSorted();
}
