/** Grafana's classic dashboard JSON, as far as the viewer reads it. Everything may be missing. */

export interface DashboardJson {
  readonly uid: string;
  readonly title: string;
  readonly description?: string;
  readonly panels?: readonly PanelJson[];
  readonly templating?: { readonly list?: readonly VariableJson[] };
  readonly time?: RawRange;
  readonly refresh?: string | false;
  readonly timepicker?: {
    readonly hidden?: boolean;
    readonly refresh_intervals?: readonly string[];
    readonly quick_ranges?: readonly QuickRange[];
  };
  readonly links?: readonly LinkJson[];
}

/** A time range as it is written: `now-1h`, or milliseconds since 1970. */
export interface RawRange {
  readonly from: string;
  readonly to: string;
}

export interface QuickRange extends RawRange {
  readonly display: string;
}

export interface LinkJson {
  readonly title: string;
  readonly type?: string;
  readonly url?: string;
  readonly tooltip?: string;
  readonly targetBlank?: boolean;
  readonly includeVars?: boolean;
  readonly keepTime?: boolean;
}

export interface VariableJson {
  readonly type: string;
  readonly name: string;
  readonly label?: string;
  readonly description?: string;
  readonly hide?: number;
  readonly query?: unknown;
  readonly options?: readonly { readonly text: unknown; readonly value: unknown }[];
  readonly current?: { readonly value?: unknown };
  readonly allValue?: string | null;
  readonly includeAll?: boolean;
  readonly multi?: boolean;
  readonly allowCustomValue?: boolean;
  readonly skipUrlSync?: boolean;
}

interface GridPosition {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface PanelJson {
  readonly id?: number;
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly gridPos?: GridPosition;
  readonly transparent?: boolean;
  readonly datasource?: DatasourceReference | null;
  readonly targets?: readonly TargetJson[];
  readonly options?: Readonly<Record<string, unknown>>;
  readonly fieldConfig?: FieldConfigSource;
  readonly transformations?: readonly TransformationJson[];
  readonly repeat?: string;
  readonly links?: readonly LinkJson[];
  /** Of a row: whether it is folded, and the panels that it hides then. */
  readonly collapsed?: boolean;
  readonly panels?: readonly PanelJson[];
}

interface DatasourceReference {
  readonly type?: string;
  readonly uid?: string;
}

export interface TargetJson {
  readonly refId?: string;
  readonly datasource?: DatasourceReference;
  readonly hide?: boolean;
  readonly queryType?: string;
  /** TraceQL, or the id of a trace. */
  readonly query?: string;
  /** A query to Loki. */
  readonly expr?: string;
  readonly tableType?: string;
  readonly metricsQueryType?: string;
  readonly limit?: number;
  readonly spss?: number;
  readonly step?: string;
  /** Of an expression: what it does, of which target, and how. */
  readonly type?: string;
  readonly expression?: string;
  readonly reducer?: string;
}

export interface TransformationJson {
  readonly id: string;
  readonly disabled?: boolean;
  readonly options?: Readonly<Record<string, unknown>>;
}

export interface FieldConfigSource {
  readonly defaults?: FieldConfig;
  readonly overrides?: readonly OverrideJson[];
}

export interface OverrideJson {
  readonly matcher: { readonly id: string; readonly options?: unknown };
  readonly properties: readonly { readonly id: string; readonly value?: unknown }[];
}

/** How a field is shown. */
export interface FieldConfig {
  readonly displayName?: string;
  /** What the datasource calls it, which any other name beats. */
  readonly displayNameFromDS?: string;
  readonly unit?: string;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  readonly noValue?: string;
  readonly color?: { readonly mode: string; readonly fixedColor?: string };
  readonly thresholds?: { readonly mode?: string; readonly steps?: readonly ThresholdStep[] };
  readonly mappings?: readonly MappingJson[];
  readonly links?: readonly LinkJson[];
  readonly custom?: Readonly<Record<string, unknown>>;
}

interface ThresholdStep {
  /** Null for the lowest one. */
  readonly value: number | null;
  readonly color: string;
}

export interface MappingJson {
  readonly type: string;
  readonly options?: unknown;
}

/** A row with the panels below it; the first one may have no row above. */
export interface Section {
  readonly row: PanelJson | undefined;
  readonly isFoldedAtFirst: boolean;
  readonly panels: readonly PlacedPanel[];
}

interface PlacedPanel {
  readonly panel: PanelJson;
  /** Within its section, which begins at y 0. */
  readonly position: GridPosition;
}

const gridColumns = 24;

/**
 * A dashboard's panels by the rows that they are under: those after a row until the next one, or, of a
 * folded row, those within it.
 */
export function splitSections(panels: readonly PanelJson[] = []): Section[] {
  const sections: { row: PanelJson | undefined; panels: PanelJson[] }[] = [
    { row: undefined, panels: [] },
  ];
  for (const panel of sorted(panels)) {
    if (panel.type === "row") {
      sections.push({ row: panel, panels: [...(panel.panels ?? [])] });
    } else {
      sections.at(-1)?.panels.push(panel);
    }
  }
  return sections
    .filter(({ row, panels: own }) => row !== undefined || own.length > 0)
    .map(({ row, panels: own }) => ({
      row,
      isFoldedAtFirst: row?.collapsed === true,
      panels: placed(own),
    }));
}

function sorted(panels: readonly PanelJson[]): PanelJson[] {
  return panels.toSorted((one, other) => {
    const [a, b] = [getPosition(one), getPosition(other)];
    return a.y - b.y || a.x - b.x;
  });
}

function placed(panels: readonly PanelJson[]): PlacedPanel[] {
  const top = Math.min(...panels.map((panel) => getPosition(panel).y));
  return panels.map((panel) => {
    const position = getPosition(panel);
    return { panel, position: { ...position, y: position.y - top } };
  });
}

function getPosition({ gridPos }: PanelJson): GridPosition {
  const { x = 0, y = 0, w = 12, h = 8 } = gridPos ?? {};
  const width = Math.min(gridColumns, Math.max(1, w));
  return { x: Math.min(x, gridColumns - width), y, w: width, h: Math.max(1, h) };
}

/** A dashboard's panels, also those in folded rows, without the rows. */
export function allPanels(panels: readonly PanelJson[] = []): PanelJson[] {
  return panels.flatMap((panel) => (panel.type === "row" ? allPanels(panel.panels) : [panel]));
}
