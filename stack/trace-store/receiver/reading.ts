import type { Outcome } from "./outcomes.ts";
import { PartBudget } from "./part-budget.ts";

/** What is noted while an export is read. */
export class Reading {
  readonly budget = new PartBudget();
  /** One for each thing that is not as it should be. */
  readonly outcomes: Outcome[] = [];
  /** Where that is, where the form has words for places; the first few. Nothing that was sent is in it. */
  readonly places: string[] = [];
}
