/** What a panel shows, read from a page: Grafana's or the viewer's. */
import type { Locator } from "playwright-core";
import type { PageElement } from "./page-element.ts";

/** A piece of what is shown. */
export interface Piece {
  readonly text: string;
  /** As the browser computes it, `rgb(1, 2, 3)`; "" where it says nothing. */
  readonly colour: string;
  readonly links: readonly string[];
  /** Whether it is pressed for a choice of links. */
  readonly opensMenu: boolean;
}

export interface PanelReading {
  readonly title: string;
  /** What its corner says of a failure; "" when all went well. */
  readonly failure: string;
  /** What stands there instead of data. */
  readonly nothing: string;
  /** Pieces in their order, under a name that both pages have for them: `numbers`, `legend`, `row 1`. */
  readonly pieces: Readonly<Record<string, readonly Piece[]>>;
}

/** Reads a panel's body within the page; it is sent there as text and can use nothing around it. */
export type ReadBody = (
  body: PageElement,
) => PanelReading["pieces"] | Promise<PanelReading["pieces"]>;

/** Reads a panel of text in the page. */
export const readText: ReadBody = (body) => ({
  text: [
    {
      text: body.innerText.replace(/\s+/g, " ").trim(),
      colour: "",
      links: [...body.querySelectorAll("a[href]")].map((a) => a.getAttribute("href") ?? ""),
      opensMenu: false,
    },
  ],
});

/** What a panel's body shows; nothing of a kind that is not read. */
export async function readPieces(
  body: Locator,
  read: ReadBody | TableSelectors | undefined,
): Promise<PanelReading["pieces"]> {
  if (read === undefined) {
    return {};
  }
  return typeof read === "function"
    ? await body.evaluate(read as never)
    : await body.evaluate(readTable as never, read);
}

/** Where the heads and the rows of a table are. */
export interface TableSelectors {
  readonly head: string;
  readonly row: string;
  readonly cell: string;
}

/**
 * Reads a table in the page. Where only the rows in sight exist, it scrolls through them; a row is known
 * by its place.
 */
async function readTable(
  body: PageElement,
  selectors: TableSelectors,
): Promise<PanelReading["pieces"]> {
  const page = body.ownerDocument.defaultView;
  const drawn = () => new Promise<void>((settle) => page.requestAnimationFrame(() => settle()));
  const heads = [...body.querySelectorAll(selectors.head)];
  const plain = (text: string) => ({ text: text.trim(), colour: "", links: [], opensMenu: false });
  const pieces: Record<string, PanelReading["pieces"][string]> = {
    columns: heads.map(({ innerText }) => plain(innerText.replace(/[↓↑]/g, ""))),
  };
  const rows = new Map<number, PanelReading["pieces"][string]>();
  const collect = (scrolledPx: number) => {
    for (const row of body.querySelectorAll(selectors.row)) {
      const cells = [...row.querySelectorAll(selectors.cell)];
      if (cells.length > 0) {
        const place = Math.round(row.getBoundingClientRect().top + scrolledPx);
        rows.set(
          place,
          cells.map((cell) => readPiece(cell)),
        );
      }
    }
  };
  const readPiece = (cell: PageElement) => {
    const anchors = [...cell.querySelectorAll("a[href]")];
    const painted = anchors[0] ?? cell;
    return {
      text: cell.innerText.trim(),
      colour: page.getComputedStyle(painted).color,
      links: anchors.map((anchor) => anchor.getAttribute("href") ?? ""),
      opensMenu: anchors.length === 0 && cell.querySelector("button") !== null,
    };
  };
  const scrolls = (element: PageElement) =>
    /auto|scroll/.test(page.getComputedStyle(element).overflowY) &&
    element.scrollHeight > element.clientHeight + 1;
  let scroller = body.querySelector(selectors.row)?.parentElement ?? null;
  while (scroller !== null && !scrolls(scroller)) {
    scroller = scroller === body ? null : scroller.parentElement;
  }
  collect(scroller?.scrollTop ?? 0);
  while (
    scroller !== null &&
    scroller.scrollTop + scroller.clientHeight < scroller.scrollHeight - 1
  ) {
    const before = scroller.scrollTop;
    scroller.scrollTop += scroller.clientHeight / 2;
    for (let frame = 0; frame < 4; frame += 1) {
      await drawn();
    }
    collect(scroller.scrollTop);
    if (scroller.scrollTop === before) {
      break;
    }
  }
  const inOrder = [...rows].sort(([one], [other]) => one - other);
  for (const [index, [, cells]] of inOrder.entries()) {
    pieces[`row ${index + 1}`] = cells;
  }
  return pieces;
}
