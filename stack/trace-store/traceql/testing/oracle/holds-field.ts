/** Whether an expression says something about the span. */
export function holdsField(part: unknown): boolean {
  return (
    typeof part === "object" &&
    part !== null &&
    (("type" in part && part.type === "field") || Object.values(part).some(holdsField))
  );
}
