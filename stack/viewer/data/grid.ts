import type { GridPosition, PanelJson } from "./dashboard.ts";

/** A row with the panels below it; the first one may have no row above. */
export interface Section {
  readonly row: PanelJson | undefined;
  readonly isFoldedAtFirst: boolean;
  readonly panels: readonly PlacedPanel[];
}

export interface PlacedPanel {
  readonly panel: PanelJson;
  /** Within its section, which begins at y 0. */
  readonly position: GridPosition;
}

const gridColumns = 24;

/**
 * A dashboard's panels by the rows that they are under: those after a row until the next one, or, of a
 * folded row, those within it.
 */
export function sectionsOf(panels: readonly PanelJson[] = []): Section[] {
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
    const [a, b] = [positionOf(one), positionOf(other)];
    return a.y - b.y || a.x - b.x;
  });
}

function placed(panels: readonly PanelJson[]): PlacedPanel[] {
  const top = Math.min(...panels.map((panel) => positionOf(panel).y));
  return panels.map((panel) => {
    const position = positionOf(panel);
    return { panel, position: { ...position, y: position.y - top } };
  });
}

function positionOf({ gridPos }: PanelJson): GridPosition {
  const { x = 0, y = 0, w = 12, h = 8 } = gridPos ?? {};
  const width = Math.min(gridColumns, Math.max(1, w));
  return { x: Math.min(x, gridColumns - width), y, w: width, h: Math.max(1, h) };
}

/** A dashboard's panels, also those in folded rows, without the rows. */
export function allPanels(panels: readonly PanelJson[] = []): PanelJson[] {
  return panels.flatMap((panel) => (panel.type === "row" ? allPanels(panel.panels) : [panel]));
}
