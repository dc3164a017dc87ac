import type { SignalKind } from "./registry.ts";
import type { YamlPart } from "./yaml-part.ts";

/** What has attributes: a signal, or a group that others refer to. */
export interface Carrier {
  readonly kind: SignalKind | "group";
  /** A span's, metric's, event's or entity's name. */
  readonly name: string;
  /** How files refer to it: `group:registry.http`, `span:http.client`. */
  readonly references: readonly string[];
  /** What it takes its attributes from, as such a reference. */
  readonly base: string | undefined;
  /** What it says of its attributes. */
  readonly uses: readonly Use[];
  readonly part: YamlPart;
}

/** A line about an attribute: its key, or nothing for a whole group or a line that names none. */
export interface Use {
  readonly key: string;
  readonly part: YamlPart;
  readonly isIdentity: boolean;
}

/** An attribute's definition. */
interface Definition {
  readonly key: string;
  readonly part: YamlPart;
}

/** Which signals of its dependencies a registry takes over. */
export interface Import {
  readonly kind: Carrier["kind"];
  readonly wildcard: string;
  readonly part: YamlPart;
}

export interface FileContent {
  readonly definitions: readonly Definition[];
  readonly carriers: readonly Carrier[];
  readonly imports: readonly Import[];
}

/** What a file of a registry holds: `groups`, or the lists of `file_format: definition/2`. */
export function readContent(file: YamlPart): FileContent {
  const format = file.text("file_format");
  if (format !== undefined && !/^definition\/[12](\.\d+)?$/.test(format)) {
    file.fault(
      `Its file_format is ${format}, not definition/2: give the folder that it was made of.`,
    );
    return { definitions: [], carriers: [], imports: [] };
  }
  const groups = file.list("groups", "group");
  return {
    definitions: [...groups.flatMap(inlineDefinitions), ...globalDefinitions(file)],
    carriers: [...groups.map(groupCarrier), ...listCarriers(file)],
    imports: readImports(file),
  };
}

function inlineDefinitions(group: YamlPart): Definition[] {
  return group
    .list("attributes", "attribute")
    .flatMap((part) => (part.text("id") === undefined ? [] : [{ key: keyOf(part, group), part }]));
}

/** The key of an attribute that a group defines or refers to; older groups have a prefix. */
function keyOf(part: YamlPart, group: YamlPart): string {
  const [prefix, id] = [group.text("prefix"), part.text("id")];
  const key = part.text("ref") ?? id ?? "";
  return id === undefined || prefix === undefined ? key : `${prefix}.${id}`;
}

function globalDefinitions(file: YamlPart): Definition[] {
  return file.list("attributes", "attribute").map((part) => ({ key: part.needed("key"), part }));
}

const kindOfType: Readonly<Record<string, Carrier["kind"]>> = {
  span: "span",
  metric: "metric",
  event: "event",
  entity: "entity",
  resource: "entity",
  attribute_group: "group",
  metric_group: "group",
  scope: "group",
};

/** A group of a file of version 1. One without a type is a span. */
function groupCarrier(part: YamlPart): Carrier {
  const type = part.text("type") ?? "span";
  const kind = kindOfType[type];
  if (kind === undefined) {
    part.fault(`There is no type ${type} of groups.`);
  }
  const id = part.needed("id");
  const bare = id.replace(/^(span|trace|event|metric|entity|resource)\./, "");
  const given = kind === "metric" ? part.needed("metric_name") : part.text("name");
  const name = given ?? bare;
  const base = part.text("extends");
  return {
    kind: kind ?? "group",
    name,
    references: [`group:${id}`, ...(kind === "group" ? [] : [`${kind}:${name}`])],
    base: base === undefined ? undefined : `group:${base}`,
    uses: part
      .list("attributes", "attribute")
      .map((use) => ({ key: keyOf(use, part), part: use, isIdentity: false })),
    part,
  };
}

const signalLists = [
  { list: "spans", kind: "span", nameKey: "type" },
  { list: "metrics", kind: "metric", nameKey: "name" },
  { list: "events", kind: "event", nameKey: "name" },
  { list: "entities", kind: "entity", nameKey: "type" },
  { list: "attribute_groups", kind: "group", nameKey: "id" },
] as const;

function listCarriers(file: YamlPart): Carrier[] {
  return signalLists.flatMap(({ list, kind, nameKey }) => [
    ...file.list(list, kind === "group" ? "group of attributes" : kind).map((part) => {
      const name = part.needed(nameKey);
      return carrier(part, kind, name, undefined);
    }),
    ...(kind === "group" ? [] : refinements(file, kind)),
  ]);
}

/** Another span, or the same metric, event or entity with more to say about it. */
function refinements(file: YamlPart, kind: SignalKind): Carrier[] {
  return file.list(`${kind}_refinements`, `refined ${kind}`).map((part) => {
    const [id, base] = [part.needed("id"), part.needed("ref")];
    return carrier(part, kind, kind === "span" ? id : base, `${kind}:${base}`);
  });
}

function carrier(
  part: YamlPart,
  kind: Carrier["kind"],
  name: string,
  base: string | undefined,
): Carrier {
  const list = (name: string, isIdentity = false) =>
    part
      .list(name, "reference")
      .map((use) => ({ key: use.text("ref") ?? "", part: use, isIdentity }));
  return {
    kind,
    name,
    references: base === `${kind}:${name}` ? [] : [`${kind}:${name}`],
    base,
    uses:
      kind === "entity" ? [...list("identity", true), ...list("description")] : list("attributes"),
    part,
  };
}

function readImports(file: YamlPart): Import[] {
  const imports = file.get("imports", "list of imports");
  return signalLists.flatMap(({ list, kind }) =>
    (imports?.list(list, "import") ?? []).map((part) => ({
      kind,
      wildcard: String(part.value()),
      part,
    })),
  );
}
