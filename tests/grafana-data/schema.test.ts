/** The committed dashboards have no property that Grafana does not have: by the types of @grafana/schema. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  allPanels,
  type DashboardJson,
  type PanelJson,
} from "../../stack/viewer/data/dashboard.ts";

const checkout = join(import.meta.dirname, "..", "..");
const folder = join(checkout, "dashboards", "generated", "miniserve");

/** The types of a panel's own options, by its type; of the others Grafana publishes none. */
const typedPanels: Readonly<Record<string, string>> = {
  bargauge: "BarGauge",
  heatmap: "Heatmap",
  logs: "Logs",
  stat: "Stat",
  table: "Table",
  text: "Text",
  timeseries: "TimeSeries",
};
const untypedPanels: readonly string[] = ["row", "traces"];

/** Of which the fields have options of their own. */
const withFieldOptions: readonly string[] = ["heatmap", "table", "timeseries"];

test("dashboards have no property that Grafana's schema does not have", () => {
  const files = readdirSync(folder);
  const dashboards = files.map((file): [string, DashboardJson] => [
    file,
    JSON.parse(readFileSync(join(folder, file), "utf8")),
  ]);
  assert.deepEqual(listFaults(new Map(dashboards)), []);
});

test("a property too many, or a value that is none, is found wherever it is", () => {
  const planted = (panel: object): ReadonlyMap<string, DashboardJson> =>
    new Map([
      ["planted.json", { uid: "a", title: "a", panels: [{ title: "A", type: "table", ...panel }] }],
    ]);
  const override = (id: string, value: unknown) => ({
    fieldConfig: { overrides: [{ matcher: { id: "byName" }, properties: [{ id, value }] }] },
  });
  for (const [panel, found] of [
    [{ colour: 1 }, /'colour' does not exist/],
    [{ options: { frameIndex: 0, rows: 2 } }, /'rows' does not exist/],
    [{ options: { cellHeight: "tall" } }, /"tall"' is not assignable/],
    [{ fieldConfig: { defaults: { custom: { wide: 1 } } } }, /'wide' does not exist/],
    [{ fieldConfig: { defaults: { units: "s" } } }, /'units' does not exist/],
    [override("custom.wide", 1), /'wide' does not exist/],
    [override("mapping", []), /'mapping' does not exist/],
    [override("decimals", "two"), /'string' is not assignable/],
  ] as const) {
    const [first = ""] = listFaults(planted(panel));
    assert.match(first, found);
    assert.match(first, /^planted\.json: A: /);
  }
  assert.deepEqual(listFaults(planted(override("custom.width", 100))), []);
  assert.throws(() => listFaults(planted({ type: "candlestick" })), /A is a candlestick/);
});

/** A sentence for each fault, with the place where it is. */
function listFaults(dashboards: ReadonlyMap<string, DashboardJson>): string[] {
  const lines: string[] = [...typesOfPanels];
  const places: string[] = lines.map(() => "");
  const check = (place: string, type: string, value: unknown) => {
    lines.push(`export const value${lines.length}: Loose<${type}> = ${JSON.stringify(value)};`);
    places.push(place);
  };
  for (const [file, { panels = [], ...dashboard }] of dashboards) {
    check(file, 'Omit<Dashboard, "panels">', dashboard);
    for (const panel of allPanels(panels)) {
      const place = `${file}: ${panel.title}`;
      check(place, getPanelType(panel), panel);
      for (const { properties } of panel.fieldConfig?.overrides ?? []) {
        for (const { id, value } of properties) {
          check(`${place}: override ${id}`, `FieldsOf<${getFieldType(panel)}>`, nested(id, value));
        }
      }
    }
  }
  return compilerErrors(lines).map(([line, message]) => `${places[line - 1]}: ${message}`);
}

const typesOfPanels: readonly string[] = [
  'import type { Dashboard, FieldConfig, FieldConfigSource, Panel } from "@grafana/schema";',
  ...Object.entries(typedPanels).map(
    ([type, name]) =>
      `import type * as ${type} from "@grafana/schema/dist/esm/raw/composable/${type}/panelcfg/x/${name}PanelCfg_types.gen";`,
  ),
  // JSON has the texts of enumerations, and may leave out what has a default.
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a type, of which this is the text.
  "type Loose<T> = unknown extends T ? unknown : T extends string ? `${T}` : T extends object ? { [K in keyof T]?: Loose<T[K]> } : T;",
  'type FieldsOf<Custom> = Omit<FieldConfig, "custom"> & { custom?: Custom };',
  'type PanelOf<Options, Custom> = Omit<Panel, "options" | "fieldConfig"> & { options?: Options; fieldConfig?: Omit<FieldConfigSource, "defaults"> & { defaults?: FieldsOf<Custom> } };',
];

function getPanelType(panel: PanelJson): string {
  const { type, title } = panel;
  const isTyped = Object.hasOwn(typedPanels, type);
  if (!isTyped && !untypedPanels.includes(type)) {
    throw new RangeError(
      `${title} is a ${type}: say in ${import.meta.filename} of which types it is.`,
    );
  }
  return `PanelOf<${isTyped ? `${type}.Options` : "object"}, ${getFieldType(panel)}>`;
}

function getFieldType({ type }: PanelJson): string {
  if (!withFieldOptions.includes(type)) {
    return "{ [name: string]: never }";
  }
  // Grafana 12 hides a column by this, and by nothing else.
  const older = type === "table" ? " & { hidden?: boolean }" : "";
  return `${type}.FieldConfig${older}`;
}

/** What an override of `custom.width` writes: `{ custom: { width } }`. */
function nested(id: string, value: unknown): unknown {
  return id.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
}

/** The compiler resolves packages from where a file lies. */
function compilerErrors(lines: readonly string[]): [line: number, message: string][] {
  const cache = join(checkout, "node_modules", ".cache", "miniserve");
  mkdirSync(cache, { recursive: true });
  const place = mkdtempSync(join(cache, "schema-"));
  try {
    writeFileSync(join(place, "dashboards.ts"), `${lines.join("\n")}\n`);
    const compilerOptions = {
      ...{ module: "nodenext", target: "es2024", strict: true, noEmit: true, skipLibCheck: true },
      ...{ types: [], noErrorTruncation: true },
    };
    const config = { compilerOptions, files: ["dashboards.ts"] };
    writeFileSync(join(place, "tsconfig.json"), JSON.stringify(config));
    const compiler = join(checkout, "node_modules", "typescript", "bin", "tsc");
    const { stdout, status } = spawnSync(
      process.execPath,
      [compiler, "-p", place, "--pretty", "false"],
      {
        encoding: "utf8",
        cwd: place,
      },
    );
    const errors = [...stdout.matchAll(/^\S*dashboards\.ts\((\d+),\d+\): error \w+: (.*)$/gm)];
    assert.equal(errors.length > 0, status !== 0, stdout);
    return errors.map(([, line, message = ""]) => [
      Number(line),
      // What there is instead would fill a page.
      message.replace(/^.*?'"?(\w+)"?' does not exist.*$/, "'$1' does not exist").slice(0, 300),
    ]);
  } finally {
    rmSync(place, { recursive: true });
  }
}
