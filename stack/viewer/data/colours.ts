/** Colours by the names that dashboards use, for a dark and a light page. */

export type Theme = "dark" | "light";

/** From super-light to dark. */
type Shades = readonly [string, string, string, string, string];

const shadeNames = ["super-light-", "light-", "", "semi-dark-", "dark-"] as const;

const onDark: Readonly<Record<string, Shades>> = {
  red: ["#ffb8bd", "#ff8790", "#f2555f", "#dc3f4b", "#bf2b38"],
  orange: ["#ffd6a8", "#ffb873", "#ff9a3d", "#f28022", "#dd6a10"],
  yellow: ["#fff3b0", "#ffe770", "#f5d033", "#e3b91d", "#cda10a"],
  green: ["#c9f0ba", "#9ade8b", "#6dc56a", "#4fae50", "#389640"],
  blue: ["#c4ddff", "#93bfff", "#629cf5", "#4583e6", "#3069cc"],
  purple: ["#e2cdf9", "#cfa8f4", "#b87fe8", "#a166d6", "#8a4dc0"],
};

const onLight: Readonly<Record<string, Shades>> = {
  red: ["#f58e96", "#ec6570", "#d93a47", "#c02634", "#9c1524"],
  orange: ["#f2ac63", "#ea8f38", "#d9711a", "#bd5c0b", "#964704"],
  yellow: ["#e0bf33", "#cfa81a", "#b18c06", "#947300", "#735800"],
  green: ["#86c978", "#5fb358", "#3b953e", "#277d30", "#156321"],
  blue: ["#82b1f7", "#5a93ea", "#3473d6", "#205cbb", "#10459a"],
  purple: ["#c096ea", "#a973de", "#8e51cb", "#763ab3", "#5c2693"],
};

const textColour = { dark: "#d5d9e2", light: "#23272f" } as const;

/** The colours of series that nobody gave one; when all are taken, their other shades. */
const seriesHues = ["green", "yellow", "blue", "orange", "purple"] as const;
const seriesShades = ["", "light-", "dark-", "super-light-", "semi-dark-"] as const;

/** A colour for canvas and style. A name that is none is passed on, if it may be a colour at all. */
export function resolveColour(name: string, theme: Theme): string {
  if (name === "text") {
    return textColour[theme];
  }
  const palette = theme === "dark" ? onDark : onLight;
  const [, shade = "", hue = ""] =
    /^(super-light-|light-|semi-dark-|dark-)?([a-z]+)$/.exec(name) ?? [];
  const index = shadeNames.indexOf(shade as "");
  const found = Object.hasOwn(palette, hue) ? palette[hue]?.[index] : undefined;
  if (found !== undefined) {
    return found;
  }
  return /^(#[0-9a-f]{3,8}|rgba?\([\d\s.,%]+\)|[a-z]+)$/i.test(name) ? name : textColour[theme];
}

export function seriesColour(index: number, theme: Theme): string {
  const hue = seriesHues[index % seriesHues.length];
  const round = Math.floor(index / seriesHues.length);
  return resolveColour(`${seriesShades[round % seriesShades.length]}${hue}`, theme);
}

/** What text stands on: the ground of panels, and what is under the pointer in them. */
const ground = { dark: "#20252e", light: "#f5f6f8" } as const;
/** What WCAG 2 asks of text of ordinary size. */
const leastContrast = 4.5;

type Rgb = readonly [number, number, number];

/**
 * A colour in which text can be read on a panel: the colour itself, or as much darker (on a light page) or
 * lighter as it must be. What is no colour of the form #rrggbb stays as it is.
 */
export function readableColour(colour: string, theme: Theme): string {
  const given = parseRgb(colour);
  const under = parseRgb(ground[theme]);
  if (given === undefined || under === undefined) {
    return colour;
  }
  const end: Rgb = theme === "dark" ? [255, 255, 255] : [0, 0, 0];
  for (let part = 0; part < 1; part += 0.04) {
    const mixed = given.map((value, index) => value + ((end[index] ?? 0) - value) * part);
    const rounded = mixed.map(Math.round) as unknown as Rgb;
    if (contrast(rounded, under) >= leastContrast) {
      return formatHex(rounded);
    }
  }
  return formatHex(end);
}

/** Black or white, whichever is easier to read on a colour; undefined where that is not known. */
export function textColourOn(colour: string): string | undefined {
  const under = parseRgb(colour);
  if (under === undefined) {
    return undefined;
  }
  return contrast([255, 255, 255], under) >= contrast([0, 0, 0], under) ? "#ffffff" : "#000000";
}

/** By WCAG 2: from 1 for the same colour to 21 for black on white. */
function contrast(one: Rgb, other: Rgb): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(rgb: Rgb): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function parseRgb(colour: string): Rgb | undefined {
  const [, red, green, blue] =
    /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour.trim()) ?? [];
  return red === undefined || green === undefined || blue === undefined
    ? undefined
    : [Number.parseInt(red, 16), Number.parseInt(green, 16), Number.parseInt(blue, 16)];
}

function formatHex(rgb: Rgb): string {
  return `#${rgb.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}
