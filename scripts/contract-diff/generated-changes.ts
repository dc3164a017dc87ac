import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import type { GeneratedFile } from "#contract";
import type { Change } from "./change.ts";
import { mentions } from "./name-uses.ts";

/** One thing that is generated, and is not as it was. */
export interface GeneratedChange extends Pick<GeneratedThing, "kind" | "file" | "name"> {
  /** How, as the rest of a sentence. */
  readonly what: string;
  /** Whether somebody who relied on it cannot any more. */
  readonly breaking: boolean;
  /** It uses a name of the contract that changed, so that it had to. */
  readonly follows: boolean;
}

/** Everything generated that is not as it was, what a person knows best first. */
export function generatedChanges(
  before: readonly GeneratedFile[],
  now: readonly GeneratedFile[],
  changes: readonly Pick<Change, "namesBefore" | "namesNow">[],
): GeneratedChange[] {
  const [old, present] = [byKey(before), byKey(now)];
  const names = {
    before: new Set(changes.flatMap(({ namesBefore }) => namesBefore)),
    now: new Set(changes.flatMap(({ namesNow }) => namesNow)),
  };
  return [...new Set([...old.keys(), ...present.keys()])]
    .flatMap((key) => {
      const [was, is] = [old.get(key), present.get(key)];
      const thing = is ?? was;
      if (thing === undefined || isDeepStrictEqual(was?.value, is?.value)) {
        return [];
      }
      const { kind, file, name } = thing;
      const isGone = is === undefined;
      const leaves = leavesThatDiffer(was?.value, is?.value, "");
      return {
        kind,
        file,
        name,
        what: isGone ? "is gone" : was === undefined ? "is new" : whatChanged(leaves),
        // Other programs and links know it by its id.
        breaking: isGone && (kind === "saved query" || kind === "dashboard"),
        follows: leaves.some((leaf) => uses(leaf.was, names.before) || uses(leaf.is, names.now)),
      };
    })
    .sort((one, other) => kinds.indexOf(one.kind) - kinds.indexOf(other.kind));
}

const kinds: readonly GeneratedThing["kind"][] = [
  "saved query",
  "alert",
  "dashboard",
  "panel",
  "file",
];

function byKey(files: readonly GeneratedFile[]): Map<string, GeneratedThing> {
  return new Map(
    files.flatMap(thingsIn).map((thing) => [`${thing.kind} ${thing.file} ${thing.id}`, thing]),
  );
}

function uses(value: unknown, names: ReadonlySet<string>): boolean {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return [...names].some((name) => mentions(text, name));
}

function whatChanged(leaves: readonly Leaf[]): string {
  if (leaves.some(({ path }) => path === "")) {
    return "is another";
  }
  const properties = Map.groupBy(leaves, ({ path }) => propertyAt(path));
  const told = [...properties].map(([property, [leaf, ...more]]) => {
    const values = [leaf?.was, leaf?.is].map(written);
    const isShort = more.length === 0 && values.every(({ length }) => length <= mostCharacters);
    return { property, sentence: isShort ? `its ${property} was ${values.join(" and is ")}` : "" };
  });
  const changed = told.filter(({ sentence }) => sentence === "").map(({ property }) => property);
  return [
    ...told.map(({ sentence }) => sentence).filter((sentence) => sentence !== ""),
    ...(changed.length > 0 ? [`its ${changed.join(", ")} changed`] : []),
  ].join("; ");
}

interface Leaf {
  readonly path: string;
  readonly was: unknown;
  readonly is: unknown;
}

function leavesThatDiffer(was: unknown, is: unknown, path: string): Leaf[] {
  if (isDeepStrictEqual(was, is)) {
    return [];
  }
  if (!isObject(was) || !isObject(is)) {
    return [{ path, was, is }];
  }
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((key) =>
    leavesThatDiffer(was[key], is[key], path === "" ? key : `${path}.${key}`),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** What a person calls the place of a leaf. */
function propertyAt(path: string): string {
  const [, parameter] = /^parameters\.([^.]+)/.exec(path) ?? [];
  if (parameter !== undefined) {
    return `parameter ${parameter}`;
  }
  if (/(^|\.)thresholds\.|\.evaluator\.params/.test(path)) {
    return "threshold";
  }
  if (/(^|\.)unit$/.test(path)) {
    return "unit";
  }
  if (/(^|\.)(query|expr)$/.test(path)) {
    return "query";
  }
  return path.split(".")[0] ?? path;
}

/** What is longer differs where nobody would see it. */
const mostCharacters = 80;

function written(value: unknown): string {
  return value === undefined || value === null
    ? "not there"
    : typeof value === "string"
      ? value
      : JSON.stringify(value);
}

/** Something that a person knows of what is generated; of a file without such things, the file. */
interface GeneratedThing {
  readonly kind: "saved query" | "alert" | "dashboard" | "panel" | "file";
  readonly file: string;
  /** What it is known by in its file, whatever it is called. */
  readonly id: string;
  readonly name: string;
  readonly value: unknown;
}

type Members = Readonly<Record<string, unknown>>;

/** What is in a generated file. The contract itself, as a page and as data, is compared apart. */
function thingsIn({ path, content }: GeneratedFile): GeneratedThing[] {
  if (/^docs\/generated\/([^/]+\/)?contract\./.test(path)) {
    return [];
  }
  if (/^provisioning\/generated\/([^/]+\/)?saved-queries\.json$/.test(path)) {
    const { queries } = JSON.parse(content) as { queries: Members[] };
    return queries.map(({ links: _, ...value }) => {
      const id = String(value.id);
      return { kind: "saved query", file: path, id, name: id, value };
    });
  }
  if (path.startsWith("provisioning/generated/grafana/alerting/")) {
    const { groups = [] } = parse(content) as { groups?: { rules: Members[] }[] };
    return groups.flatMap(({ rules }) =>
      rules.map((value) => {
        const name = String(value.title);
        return { kind: "alert", file: path, id: String(value.uid), name, value };
      }),
    );
  }
  return /^dashboards\/generated\/([^/]+\/)?[^/]+\.json$/.test(path)
    ? thingsOfDashboard(path, JSON.parse(content))
    : [{ kind: "file", file: path, id: "", name: path, value: content }];
}

function thingsOfDashboard(file: string, dashboard: Members): GeneratedThing[] {
  const { panels, version: _, ...value } = dashboard;
  const counts = new Map<string, number>();
  return [
    { kind: "dashboard", file, id: String(value.uid), name: String(value.title), value },
    ...panelsIn(panels).map((panel): GeneratedThing => {
      // Numbers and places of panels change with those before them.
      const { id: _id, gridPos: _place, panels: _inside, ...rest } = panel;
      const name = String(panel.title || "a panel without a title");
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      return { kind: "panel", file, id: `${name} ${count}`, name, value: rest };
    }),
  ];
}

/** Those inside of rows too. */
function panelsIn(panels: unknown): Members[] {
  return Array.isArray(panels)
    ? panels.flatMap((panel: Members) => [panel, ...panelsIn(panel.panels)])
    : [];
}
