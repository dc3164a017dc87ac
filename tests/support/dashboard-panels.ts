/** For tests: generated dashboards, read as Grafana reads them. */
import type { GeneratedFile } from "#contract";

export interface Target {
  readonly refId: string;
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly queryType?: string;
  readonly tableType?: string;
  readonly metricsQueryType?: string;
  readonly query?: string;
  readonly expr?: string;
  readonly interval?: string;
  readonly limit?: number;
  readonly spss?: number;
  readonly filters?: readonly unknown[];
  readonly step?: string;
  readonly hide?: boolean;
  /** Of an expression: which target it reduces, and how. */
  readonly type?: string;
  readonly expression?: string;
  readonly reducer?: string;
}

interface Override {
  readonly matcher: { readonly id: string; readonly options: string };
  readonly properties: readonly { readonly id: string; readonly value: unknown }[];
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly targets?: readonly Target[];
  readonly transformations?: readonly {
    readonly id: string;
    readonly options: {
      readonly excludeByName?: Readonly<Record<string, boolean>>;
      readonly indexByName?: Readonly<Record<string, number>>;
    };
  }[];
  /** Of a row: whether it is folded, and the panels that it has then. */
  readonly collapsed?: boolean;
  readonly panels?: readonly Panel[];
  readonly options?: { readonly content?: string; readonly yAxis?: { readonly unit?: string } };
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly noValue?: string;
      readonly displayName?: string;
      readonly thresholds?: {
        readonly steps: readonly { readonly value: number | null; readonly color: string }[];
      };
      readonly links?: readonly { readonly title: string; readonly url: string }[];
    };
    readonly overrides: readonly Override[];
  };
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly tags: readonly string[];
  readonly time: { readonly from: string; readonly to: string };
  readonly refresh: string;
  readonly timepicker: object;
  readonly templating: { readonly list: readonly Variable[] };
  readonly links: readonly {
    readonly url: string;
    readonly keepTime: boolean;
    readonly includeVars: boolean;
    readonly placement?: string;
  }[];
  readonly panels: readonly Panel[];
}

export interface Variable {
  readonly type: string;
  readonly name: string;
  readonly label: string;
  readonly query: string;
  readonly allValue?: string;
  readonly includeAll?: boolean;
  readonly allowCustomValue?: boolean;
  readonly current: { readonly value: string };
}

/** By the name of its file, each with the panels of folded rows behind their row. */
export function readDashboards(files: readonly GeneratedFile[]): Map<string, Dashboard> {
  return new Map(
    files.map(({ path, content }) => {
      const dashboard = JSON.parse(content) as Dashboard;
      const panels = dashboard.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
      return [
        path.replace(/^dashboards\/generated\/[^/]+\/(.*)\.json$/, "$1"),
        { ...dashboard, panels },
      ];
    }),
  );
}

/** What Grafana puts in the place of variables: the values given, and for others "all". */
export function replaceVariables(
  text: string,
  { list }: Dashboard["templating"],
  values: Readonly<Record<string, string>> = {},
): string {
  const getReplacement = (name: string, format: string | undefined): string => {
    const variable = list.find((one) => one.name === name);
    const value = values[name] ?? variable?.allValue ?? variable?.current.value;
    if (value === undefined) {
      throw new RangeError(`There is no variable ${name}: ${text}`);
    }
    const isAll = values[name] === undefined && variable?.allValue !== undefined;
    switch (format) {
      case "regex":
        // What stands for "all" is put in as it is.
        return isAll ? value : value.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");
      case "percentencode":
        return encodeURIComponent(value);
      case "queryparam":
        return `var-${name}=${encodeURIComponent(value)}`;
      default:
        return value;
    }
  };
  return text
    .replaceAll(/\$\{(\w+)(?::(\w+))?\}/g, (_, name: string, format: string) =>
      getReplacement(name, format),
    )
    .replaceAll(/\$(\w+)/g, (_, name: string) => getReplacement(name, undefined));
}

export function isMetrics(query: string): boolean {
  return /\| (rate|\w+_over_time)\(/.test(query);
}
