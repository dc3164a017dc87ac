import { miniserve, rootOf, stageColour } from "#contract";
import { colourOf, type Theme } from "../../data/colours.ts";

const colours = new Map(
  Object.values(miniserve.spans).map((span) => [span.name, stageColour(miniserve, span)]),
);
const root = rootOf(miniserve).name;
/** The request as a whole stands behind its stages. */
const rootColour = { dark: "#7c8798", light: "#8993a2" } as const;

/** The colour of a span by its name; that of text for one that the contract does not know. */
export function stageColourOf(spanName: string, theme: Theme): string {
  return spanName === root ? rootColour[theme] : colourOf(colours.get(spanName) ?? "text", theme);
}
