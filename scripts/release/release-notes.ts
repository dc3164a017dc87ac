/** The section of CHANGELOG.md about one version, or what is wrong with a tag. */
export function readReleaseNotes({
  tag,
  version,
  changes,
}: {
  readonly tag: string;
  readonly version: string;
  readonly changes: string;
}): { readonly notes: string } | { readonly faults: readonly string[] } {
  const faults: string[] = [];
  if (tag !== `v${version}`) {
    faults.push(`package.json has the version ${version}: the tag should be v${version}.`);
  }
  const [, section = ""] = changes.split(new RegExp(`^## ${version.replaceAll(".", "\\.")} `, "m"));
  const [date = "", ...lines] = section.split(/^## /m)[0]?.split("\n") ?? [];
  if (!/^\(\d{4}-\d{2}-\d{2}\)$/.test(date.trim())) {
    faults.push(`CHANGELOG.md has no section "## ${version} (YYYY-MM-DD)".`);
  }
  return faults.length > 0 ? { faults } : { notes: lines.join("\n").trim() };
}
