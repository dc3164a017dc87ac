import type { Datasource, Refusal } from "../data/provisioned.ts";
import {
  type FilesRead,
  readEntries,
  readText,
  readYamlFiles,
  type Variables,
} from "./yaml-files.ts";

interface Answering {
  readonly tempoUrl: string;
  readonly hasLogFile: boolean;
}

/**
 * The datasources of a provisioning folder. Refused are those that Grafana refuses: without a name or
 * a type, with a uid or a name that another has, a second default. A Tempo that is not the one of this
 * stack is refused by the viewer, which asks no other.
 */
export function readDatasources(
  folder: string,
  variables: Variables,
  answering: Answering,
): FilesRead<Datasource> {
  const { read: files, refusals: unread } = readYamlFiles(folder, variables);
  const refusals: Refusal[] = [...unread];
  const read: Datasource[] = [];
  for (const yaml of files) {
    const { entries, refusals: noEntries } = readEntries(yaml, "datasources");
    refusals.push(...noEntries);
    for (const entry of entries) {
      const reason = findFault(entry, read, answering);
      if (reason === undefined) {
        read.push(toDatasource(entry, answering));
      } else {
        refusals.push({ file: yaml.file, reason });
      }
    }
  }
  return { read, refusals };
}

function toDatasource(entry: Record<string, unknown>, { hasLogFile }: Answering): Datasource {
  const type = readText(entry.type);
  const name = readText(entry.name);
  const answers = { tempo: "tempo", loki: hasLogFile ? "log file" : undefined } as const;
  return {
    uid: readText(entry.uid) || name,
    name,
    type,
    isDefault: entry.isDefault === true,
    answeredBy: type === "tempo" || type === "loki" ? answers[type] : undefined,
  };
}

function findFault(
  entry: Record<string, unknown>,
  others: readonly Datasource[],
  { tempoUrl }: Answering,
): string | undefined {
  const { name, type, uid, url } = entry;
  const called = `The datasource "${readText(name)}"`;
  if (readText(name) === "") {
    return "A datasource has no name.";
  }
  if (readText(type) === "") {
    return `${called} has no type.`;
  }
  if (others.some((other) => other.name === name)) {
    return `${called} is there twice.`;
  }
  if (others.some((other) => other.uid === uid)) {
    return `${called} has the uid of another: ${uid}.`;
  }
  if (entry.isDefault === true && others.some(({ isDefault }) => isDefault)) {
    return `${called} is a second default; only one may be.`;
  }
  if (type === "tempo" && readText(url).replace(/\/+$/, "") !== tempoUrl) {
    return `${called} is at ${JSON.stringify(url)}; this viewer asks ${tempoUrl} alone.`;
  }
  return undefined;
}
