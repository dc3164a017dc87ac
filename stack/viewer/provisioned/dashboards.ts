import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DashboardSummary, Refusal } from "../data/provisioned.ts";
import {
  type FilesRead,
  firstLine,
  isObject,
  namesIn,
  readEntries,
  readText,
  readYamlFiles,
  type Variables,
} from "./yaml-files.ts";

export interface ProvisionedDashboard {
  readonly summary: DashboardSummary;
  /** The file's JSON as it is. */
  readonly content: Readonly<Record<string, unknown>>;
}

const longestUid = 40;

/** The dashboards in a provider's folder, without those that Grafana refuses, in the order of its lists. */
export function readDashboards(
  providers: readonly DashboardProvider[],
): FilesRead<ProvisionedDashboard> {
  const refusals: Refusal[] = [];
  const read: ProvisionedDashboard[] = [];
  for (const { path, folder } of providers) {
    const { names, refusal } = namesIn(path, /\.json$/);
    refusals.push(...refusal);
    for (const name of names) {
      const file = join(path, name);
      const content = parsed(file);
      const reason = typeof content === "string" ? content : findFault(content, read);
      if (reason !== undefined) {
        refusals.push({ file, reason });
      } else if (typeof content !== "string") {
        read.push({ content, summary: createSummary(content, folder) });
      }
    }
  }
  const byTitle = read.toSorted(({ summary: one }, { summary: other }) =>
    one.title.localeCompare(other.title, "en"),
  );
  return { read: byTitle, refusals };
}

/** The JSON of a file, or why there is none. */
function parsed(file: string): Record<string, unknown> | string {
  try {
    const content: unknown = JSON.parse(readFileSync(file, "utf8"));
    return isObject(content) ? content : "It is no JSON object.";
  } catch (error) {
    return `It is not JSON: ${firstLine((error as Error).message)}`;
  }
}

function findFault(
  content: Record<string, unknown>,
  others: readonly ProvisionedDashboard[],
): string | undefined {
  const { title, uid = "", panels = [] } = content;
  if (content.apiVersion !== undefined && content.spec !== undefined) {
    return "It is a dashboard resource; this viewer reads the classic JSON.";
  }
  if (readText(title).trim() === "") {
    return "The dashboard has no title.";
  }
  if (typeof uid !== "string" || !/^[\w-]*$/.test(uid)) {
    return `Its uid has characters other than letters, digits, "-" and "_": ${JSON.stringify(uid)}.`;
  }
  if (uid.length > longestUid) {
    return `Its uid has more than ${longestUid} characters.`;
  }
  if (uid === "") {
    return "It has no uid, so that no link could lead to it.";
  }
  if (others.some(({ summary }) => summary.uid === uid)) {
    return `Another has its uid: ${uid}.`;
  }
  if (!Array.isArray(panels)) {
    return "Its panels are no list.";
  }
  return undefined;
}

function createSummary(content: Record<string, unknown>, folder: string): DashboardSummary {
  const uid = readText(content.uid);
  const title = readText(content.title);
  const tags = Array.isArray(content.tags) ? content.tags.map(String) : [];
  const description = readText(content.description);
  return { uid, title, description, folder, tags, url: `/d/${uid}/${slugify(title)}` };
}

/** As Grafana writes titles in addresses. */
function slugify(title: string): string {
  const slug = title
    .toLowerCase()
    .normalize("NFKD")
    .replaceAll(/[^a-z0-9]+/g, "-");
  return slug.replace(/^-|-$/g, "") || "dashboard";
}

interface DashboardProvider {
  readonly name: string;
  /** The folder under which Grafana shows the dashboards; "" for none. */
  readonly folder: string;
  /** Where the files are. */
  readonly path: string;
}

/** The dashboard providers of a provisioning folder, without those that Grafana refuses. */
export function readProviders(folder: string, variables: Variables): FilesRead<DashboardProvider> {
  const { read: files, refusals: unread } = readYamlFiles(folder, variables);
  const refusals: Refusal[] = [...unread];
  const read: DashboardProvider[] = [];
  for (const yaml of files) {
    const { entries, refusals: noEntries } = readEntries(yaml, "providers");
    refusals.push(...noEntries);
    for (const entry of entries) {
      const options = isObject(entry.options) ? entry.options : {};
      const provider = {
        name: readText(entry.name),
        folder: readText(entry.folder),
        path: readText(options.path),
      };
      const reason = providerFault(provider, readText(entry.type) || "file", read);
      if (reason === undefined) {
        read.push(provider);
      } else {
        refusals.push({ file: yaml.file, reason });
      }
    }
  }
  return { read, refusals };
}

function providerFault(
  { name, path }: DashboardProvider,
  type: string,
  others: readonly DashboardProvider[],
): string | undefined {
  const called = `The dashboard provider "${name}"`;
  if (name === "") {
    return "A dashboard provider has no name.";
  }
  if (type !== "file") {
    return `${called} has the type "${type}"; there is only "file".`;
  }
  if (path === "") {
    return `${called} has no options.path.`;
  }
  if (others.some((other) => other.name === name)) {
    return `${called} is there twice.`;
  }
  return undefined;
}
