import { parse } from "yaml";
import type { GeneratedFile } from "#contract";

/** Something that a person knows of what is generated; of a file without such things, the file. */
export interface GeneratedThing {
  readonly kind: "saved query" | "alert" | "dashboard" | "panel" | "file";
  readonly file: string;
  /** What it is known by in its file, whatever it is called. */
  readonly id: string;
  readonly name: string;
  readonly value: unknown;
}

type Members = Readonly<Record<string, unknown>>;

/** What is in a generated file. The contract itself, as a page and as data, is compared apart. */
export function thingsIn({ path, content }: GeneratedFile): GeneratedThing[] {
  if (path.startsWith("docs/generated/contract.")) {
    return [];
  }
  if (path === "provisioning/generated/saved-queries.json") {
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
  return /^dashboards\/generated\/[^/]+\.json$/.test(path)
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
