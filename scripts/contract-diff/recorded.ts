import type { Change } from "./change.ts";

type Recordable = Pick<Change, "breaking" | "namesBefore" | "namesNow">;

/**
 * The breaking changes that the list of changes does not mention. A change is mentioned when the part
 * "Unreleased" has each of its old names on the wire, or of its new ones if it has no old ones.
 */
export function unrecorded<Given extends Recordable>(
  changes: readonly Given[],
  changelog: string,
): Given[] {
  const [, unreleased = ""] = changelog.split(/^## /m);
  return changes.filter(({ breaking, namesBefore, namesNow }) => {
    const names = namesBefore.length > 0 ? namesBefore : namesNow;
    return breaking && !names.every((name) => unreleased.includes(`\`${name}\``));
  });
}
