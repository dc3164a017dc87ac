import type { Passage } from "./index-contents.ts";

/** A passage and how well it fits: the nearer to 1, the better. */
export interface FoundPassage extends Passage {
  readonly score: number;
}
