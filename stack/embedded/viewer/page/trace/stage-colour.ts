import { miniserve } from "#contract";
import { colourOf, type Theme } from "../../data/colours.ts";
import { stageColours } from "../../data/stage-colours.ts";

const colours = stageColours(miniserve);

/** The colour of a span by its name; that of text for one that the contract does not know. */
export function stageColourOf(spanName: string, theme: Theme): string {
  return colourOf(colours.get(spanName) ?? "text", theme);
}
