/** `1 span`, `2 spans`: for a noun that adds an s. */
export function counted(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : `${noun}s`}`;
}
