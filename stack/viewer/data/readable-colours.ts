import type { Theme } from "./colours.ts";

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
  const given = rgbOf(colour);
  const under = rgbOf(ground[theme]);
  if (given === undefined || under === undefined) {
    return colour;
  }
  const end: Rgb = theme === "dark" ? [255, 255, 255] : [0, 0, 0];
  for (let part = 0; part < 1; part += 0.04) {
    const mixed = given.map((value, index) => value + ((end[index] ?? 0) - value) * part);
    const rounded = mixed.map(Math.round) as unknown as Rgb;
    if (contrast(rounded, under) >= leastContrast) {
      return hexOf(rounded);
    }
  }
  return hexOf(end);
}

/** Black or white, whichever is easier to read on a colour; undefined where that is not known. */
export function textColourOn(colour: string): string | undefined {
  const under = rgbOf(colour);
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

function rgbOf(colour: string): Rgb | undefined {
  const [, red, green, blue] =
    /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour.trim()) ?? [];
  return red === undefined || green === undefined || blue === undefined
    ? undefined
    : [Number.parseInt(red, 16), Number.parseInt(green, 16), Number.parseInt(blue, 16)];
}

function hexOf(rgb: Rgb): string {
  return `#${rgb.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}
