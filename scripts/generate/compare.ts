import { globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DefinitionError, type GeneratedFile, type GenerateFiles, type Services } from "#contract";

/** How a file on disk differs from what would be generated. */
export interface Difference {
  readonly kind: "missing" | "differing" | "stale";
  readonly path: string;
  /** For a differing file, the first line that differs, from 1, as generated and as found. */
  readonly line?: number;
  readonly expected?: string;
  readonly found?: string;
}

/** Every generator's files, by path. @throws DefinitionError naming every fault. */
export async function generateAll(
  generators: readonly GenerateFiles[],
  services: Services,
): Promise<readonly GeneratedFile[]> {
  const faults: string[] = [];
  const files: GeneratedFile[] = [];
  for (const generate of generators) {
    try {
      files.push(...(await generate(services)));
    } catch (error) {
      if (!(error instanceof DefinitionError)) {
        throw error;
      }
      faults.push(...error.issues);
    }
  }
  DefinitionError.throwIfAny("files", [...faults, ...pathFaults(files)]);
  return files.toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

/** A file outside a folder called `generated` would never be seen as stale. */
function pathFaults(files: readonly GeneratedFile[]): string[] {
  const byPath = Map.groupBy(files, ({ path }) => path);
  return [...byPath].flatMap(([path, same]) => [
    ...(same.length > 1 ? [`${path} is generated twice`] : []),
    ...(/^[a-z]+\/generated\/[a-z0-9/.-]+$/.test(path) && !path.includes("..")
      ? []
      : [`${path} is not in a folder's generated/`]),
    ...(same[0]?.content.endsWith("\n") === true ? [] : [`${path} does not end with a new line`]),
  ]);
}

/** What would change if the files were written, by path. */
export function differences(root: string, files: readonly GeneratedFile[]): Difference[] {
  const found = new Set(
    globSync("*/generated/**/*", { cwd: root })
      .map((path) => path.replaceAll("\\", "/"))
      .filter((path) => !path.startsWith("node_modules/"))
      .filter((path) => statSync(join(root, path)).isFile()),
  );
  const expected = new Set(files.map(({ path }) => path));
  const stale = [...found].filter((path) => !expected.has(path));
  return [
    ...files.flatMap((file) => findDifference(root, file, found.has(file.path))),
    ...stale.map((path) => ({ kind: "stale", path }) as const),
  ].sort((one, other) => (one.path < other.path ? -1 : 1));
}

function findDifference(
  root: string,
  { path, content }: GeneratedFile,
  isThere: boolean,
): Difference[] {
  if (!isThere) {
    return [{ kind: "missing", path }];
  }
  const text = readFileSync(join(root, path), "utf8");
  if (text === content) {
    return [];
  }
  const [expected, found] = [content.split("\n"), text.split("\n")];
  const index = expected.findIndex((line, place) => line !== found[place]);
  const place = index === -1 ? expected.length : index;
  return [
    {
      kind: "differing",
      path,
      line: place + 1,
      expected: expected[place] ?? "the end of the file",
      found: found[place] ?? "the end of the file",
    },
  ];
}

/** Writes what is missing or differs, and removes what nothing generates any more. */
export function applyChanges(
  root: string,
  files: readonly GeneratedFile[],
  changes: readonly Difference[],
): void {
  const contentByPath = new Map(files.map(({ path, content }) => [path, content]));
  for (const { path } of changes) {
    const target = join(root, path);
    const content = contentByPath.get(path);
    if (content === undefined) {
      rmSync(target);
    } else {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, content);
    }
  }
}

/** A difference in a sentence, with the lines where a file differs. */
export function formatDifference({ kind, path, line, expected, found }: Difference): string {
  switch (kind) {
    case "missing":
      return `${path}: is missing.`;
    case "stale":
      return `${path}: nothing generates it any more.`;
    case "differing":
      return `${path}:${line}: differs.\n  generated: ${expected}\n  found:     ${found}`;
    default:
      return kind satisfies never;
  }
}
