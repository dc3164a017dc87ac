/** A table. A cell may hold anything but a line break. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => "---"), ...rows].map(
    (cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`,
  );
}

/** A word of code, or nothing for nothing. */
export function code(text: string | undefined): string {
  return text === undefined ? "" : `\`${text}\``;
}

/** Words of code with commas between them. */
export function codes(texts: readonly unknown[]): string {
  return texts.map((text) => code(String(text))).join(", ");
}
