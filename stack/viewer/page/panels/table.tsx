import { useMemo, useState } from "preact/hooks";
import { readableColour, textColourOn } from "../../data/colours.ts";
import { createDisplay } from "../../data/display.ts";
import { type Field, type Frame, getDisplayName } from "../../data/frame.ts";
import { dataLinks } from "../../data/links.ts";
import { isHidden, type Sorting, sortedRows } from "../../data/table-rows.ts";
import { LinkedValue } from "./linked-value.tsx";
import type { PanelViewProps } from "./panel-view.ts";

/** The first frame as a table that sorts by any of its columns. */
export function TablePanel({ panel, frames, context, theme }: PanelViewProps) {
  const frame = frames[Number(panel.options?.frameIndex ?? 0)] ?? frames[0];
  const [sorting, setSorting] = useState<Sorting | undefined>(() => firstSorting(panel.options));
  const rows = useMemo(
    () => (frame === undefined ? [] : sortedRows(frame, sorting)),
    [frame, sorting],
  );
  if (frame === undefined) {
    return null;
  }
  const columns = frame.fields.filter((field) => !isHidden(field));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys.
    <section class="table-scroll" tabIndex={0} aria-label={`${panel.title}: table`}>
      <table class="table">
        <thead>
          <tr>
            {columns.map((field) => (
              <ColumnHead
                key={field.name}
                name={getDisplayName(field)}
                field={field}
                sorting={sorting}
                onSorting={setSorting}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row}>
              {columns.map((field) => (
                <TableCell
                  key={field.name}
                  frame={frame}
                  field={field}
                  row={row}
                  context={context}
                  theme={theme}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function firstSorting(options: PanelViewProps["panel"]["options"]): Sorting | undefined {
  const [first] =
    (options?.sortBy as readonly { displayName?: string; desc?: boolean }[] | undefined) ?? [];
  return first?.displayName === undefined
    ? undefined
    : { name: first.displayName, isDescending: first.desc === true };
}

interface ColumnHeadProps {
  readonly name: string;
  readonly field: Field;
  readonly sorting: Sorting | undefined;
  readonly onSorting: (sorting: Sorting | undefined) => void;
}

function ColumnHead({ name, field, sorting, onSorting }: ColumnHeadProps) {
  const isSorted = sorting?.name === name;
  const direction = isSorted ? (sorting.isDescending ? "descending" : "ascending") : "none";
  // Once more for the other way, and a third time for the order in which the rows came.
  const next = !isSorted
    ? { name, isDescending: false }
    : sorting.isDescending
      ? undefined
      : { name, isDescending: true };
  const width = field.config.custom?.width;
  const kind = field.type === "number" ? "number" : "";
  return (
    <th
      scope="col"
      aria-sort={direction}
      class={kind}
      style={typeof width === "number" ? { width: `${width}px` } : {}}
    >
      <button
        type="button"
        class={`sort-button ${kind}`}
        onClick={() => onSorting(next)}
        title={field.name}
      >
        {name}
        <span aria-hidden="true" class="sort-mark">
          {isSorted ? (sorting.isDescending ? "↓" : "↑") : ""}
        </span>
      </button>
    </th>
  );
}

interface TableCellProps extends Pick<PanelViewProps, "context" | "theme"> {
  readonly frame: Frame;
  readonly field: Field;
  readonly row: number;
}

function TableCell({ frame, field, row, context, theme }: TableCellProps) {
  const value = field.values[row] ?? null;
  const { text, suffix, colour } = createDisplay(value, field, theme);
  const { type } = (field.config.custom?.cellOptions ?? {}) as { type?: string };
  const style =
    colour === undefined || type === undefined
      ? {}
      : type === "color-background"
        ? { backgroundColor: colour, color: textColourOn(colour) }
        : type === "color-text"
          ? { color: readableColour(colour, theme) }
          : {};
  const shown = `${text}${suffix}`;
  return (
    <td class={field.type === "number" ? "number" : ""} style={style} title={shown}>
      <LinkedValue
        class="cell-link"
        links={dataLinks(context, { frame, field, row })}
        label={shown}
      >
        {shown}
      </LinkedValue>
    </td>
  );
}
