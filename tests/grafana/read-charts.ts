/** Reads what charts say where the pointer is: they are drawn on canvas, and their values stand nowhere else. */
import type { Locator } from "playwright-core";
import type { PageElement } from "./page-element.ts";

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Where the pointer goes: a time, and a share of the height from the top. */
export interface Pointed {
  readonly timeMs: number;
  readonly height: number;
}

/** What Grafana's chart says at each of these places, or "" for nothing. */
export async function hoverGrafana(
  panel: Locator,
  range: Span,
  places: readonly Pointed[],
): Promise<string[]> {
  // A page behind another draws once a second.
  await panel.page().bringToFront();
  const said = await panel.locator(".u-over").evaluate(hoverInGrafana as never, { range, places });
  return said as string[];
}

async function hoverInGrafana(
  over: PageElement,
  { range, places }: { range: Span; places: readonly Pointed[] },
): Promise<string[]> {
  const page = over.ownerDocument.defaultView;
  const drawn = () => new Promise<void>((settle) => page.requestAnimationFrame(() => settle()));
  const box = over.getBoundingClientRect();
  const send = (type: string, left: number, top: number) =>
    over.dispatchEvent(new page.MouseEvent(type, { clientX: left, clientY: top, bubbles: true }));
  const text = () => over.ownerDocument.querySelector("#grafana-portal-container")?.innerText ?? "";
  const said: string[] = [];
  send("mouseenter", box.left + 1, box.top + 1);
  for (const { timeMs, height } of places) {
    const share = (timeMs - range.fromMs) / (range.toMs - range.fromMs);
    send("mousemove", box.left + box.width * share, box.top + box.height * height);
    // The tooltip follows after a frame or a few.
    const before = text();
    for (let frame = 0; frame < 2 || (frame < 5 && text() === before); frame += 1) {
      await drawn();
    }
    said.push(text());
  }
  send("mouseleave", 0, 0);
  return said;
}

/** What the viewer's chart says at each of these places, or "" for nothing. */
export function hoverViewer(
  panel: Locator,
  range: Span,
  places: readonly Pointed[],
): Promise<string[]> {
  return panel.locator(".chart").evaluate(hoverInViewer as never, { range, places }) as Promise<
    string[]
  >;
}

async function hoverInViewer(
  chart: PageElement,
  { range, places }: { range: Span; places: readonly Pointed[] },
): Promise<string[]> {
  const page = chart.ownerDocument.defaultView;
  const box = chart.getBoundingClientRect();
  const marker = chart.querySelector(".chart-marker");
  const move = (x: number, y: number) =>
    chart.dispatchEvent(
      new page.PointerEvent("pointermove", {
        clientX: box.left + x,
        clientY: box.top + y,
        bubbles: true,
      }),
    );
  // The marker is seen where the pointer is over the drawn part: so its edges are found.
  const isWithin = (x: number, y: number) => {
    move(x, y);
    return marker !== null && !marker.hidden;
  };
  const edge = (inside: number, outside: number, test: (place: number) => boolean): number => {
    let [good, bad] = [inside, outside];
    while (Math.abs(good - bad) > 0.25) {
      const middle = (good + bad) / 2;
      if (test(middle)) {
        good = middle;
      } else {
        bad = middle;
      }
    }
    return good;
  };
  const [x, y] = [box.width * 0.6, box.height * 0.4];
  const left = edge(x, 0, (place) => isWithin(place, y));
  const right = edge(x, box.width, (place) => isWithin(place, y));
  const top = edge(y, 0, (place) => isWithin(x, place));
  const bottom = edge(y, box.height, (place) => isWithin(x, place));
  const said: string[] = [];
  for (const { timeMs, height } of places) {
    const share = (timeMs - range.fromMs) / (range.toMs - range.fromMs);
    move(left + (right - left) * share, top + (bottom - top) * height);
    // Preact draws in a microtask; a timer would let the browser paint the page each time.
    await Promise.resolve();
    await Promise.resolve();
    said.push(chart.querySelector(".tooltip")?.innerText ?? "");
  }
  chart.dispatchEvent(new page.PointerEvent("pointerleave", { bubbles: false }));
  return said;
}
