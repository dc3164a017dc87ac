/** What two pages show, in words that both have, so that they can be compared. */
import type { PanelReading, Piece } from "./reading.ts";

/** `numbers`, `legend`, `row 1`, `links of row 1`, … and what is shown there. */
export type ShownText = Readonly<Record<string, string>>;

export function shownText({ title, nothing, pieces }: PanelReading, origin: string): ShownText {
  const shown: Record<string, string> = { title };
  if (nothing !== "") {
    shown["instead of data"] = nothing;
    return shown;
  }
  for (const [place, found] of Object.entries(pieces)) {
    shown[place] = found.map((piece) => piece.text).join(" | ");
    const colours = found.map(colourWord);
    if (colours.some((colour) => colour !== "")) {
      shown[`colours of ${place}`] = colours.join(" | ");
    }
    const links = found.map((piece) => linksText(piece, origin));
    if (links.some((link) => link !== "")) {
      shown[`links of ${place}`] = links.join(" | ");
    }
  }
  return shown;
}

function linksText({ links, opensMenu }: Piece, origin: string): string {
  return opensMenu ? "a menu" : links.map((link) => normalLink(link, origin)).join(", ");
}

/** Where a link leads, with its parameters in order and readable. */
function normalLink(link: string, origin: string): string {
  const url = new URL(link, `${origin}/`);
  // The datasource's own link of a span: the viewer's leads to its page of the trace.
  const [, traceId, spanId] =
    /"query":"([0-9a-f]{32})".*"spanId":"([0-9a-f]{16})"/.exec(
      url.searchParams.get("left") ?? "",
    ) ?? [];
  if (traceId !== undefined) {
    return `/trace/${traceId}?span=${spanId}`;
  }
  const base = new URL(`${origin}/`);
  const isHere = url.origin === base.origin && url.pathname.startsWith(base.pathname);
  const path = isHere ? url.pathname.slice(base.pathname.length - 1) : url.href.split("?")[0];
  const parameters = [...url.searchParams]
    // Grafana adds the time zone of its page, and writes times as words.
    .filter(([name]) => name !== "timezone")
    .map(
      ([name, value]) => `${name}=${/^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : value}`,
    )
    .sort()
    .join("&");
  return parameters === "" ? `${path}` : `${path}?${parameters}`;
}

/** Both have palettes of their own: what must be the same is what a person would call a colour. */
function colourWord({ colour, text }: Piece): string {
  const [red = 0, green = 0, blue = 0] = (
    /\d+(\.\d+)?, \d+(\.\d+)?, \d+(\.\d+)?/.exec(colour)?.[0] ?? ""
  )
    .split(", ")
    .map(Number);
  const [most, least] = [Math.max(red, green, blue), Math.min(red, green, blue)];
  if (text === "" || most - least < 40) {
    return "";
  }
  const sector =
    most === red
      ? ((green - blue) / (most - least) + 6) % 6
      : most === green
        ? (blue - red) / (most - least) + 2
        : (red - green) / (most - least) + 4;
  const degrees = sector * 60;
  return hues.find(({ below }) => degrees < below)?.word ?? "red";
}

const hues = [
  { below: 15, word: "red" },
  { below: 44, word: "orange" },
  { below: 70, word: "yellow" },
  { below: 170, word: "green" },
  { below: 255, word: "blue" },
  { below: 330, word: "purple" },
] as const;
