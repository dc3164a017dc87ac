import { type Span, shortText } from "#contract";

/** More would push everything else out of sight. */
const mostCharacters = 60;

/** A span's name as it stands before what is told of it. */
export function nameColumn({ name }: Span): string {
  return shortText(name, mostCharacters);
}
