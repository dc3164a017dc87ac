import fc from "fast-check";
import { metricsQuery, searchQuery, spelling } from "./random-queries.ts";
import { spelled } from "./spelling.ts";

/** Texts that are nearly queries, as a slip of the hand, a cut line or a program makes them. */

const pieces = fc.constantFrom(
  ...'{ } ( ) | & && || ! ~ > >> < << &> !>> = != =~ ^ % / * - + , . " ` \\ : ; # \0 \u{1f600} é'.split(
    " ",
  ),
  ...["//", "\n", "nil", "by(", "with (", "span.", "parent.", "count()", "1m30s", "9".repeat(30)],
  ..."`(`|`[`|`(?P<a>b)`|`\\pN`|`a{1001}`".split("|"),
);

type Change = (text: string, at: number) => string;

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.nat(8).map(
    (size): Change =>
      (text, at) =>
        text.slice(0, at) + text.slice(at + size),
  ),
  fc.nat(30).map(
    (size): Change =>
      (text, at) =>
        text.slice(0, at) + text.slice(at, at + size).repeat(2) + text.slice(at + size),
  ),
  pieces.map(
    (piece): Change =>
      (text, at) =>
        text.slice(0, at) + piece + text.slice(at),
  ),
  fc.constant<Change>(
    (text, at) => text.slice(0, at) + (text[at + 1] ?? "") + (text[at] ?? "") + text.slice(at + 2),
  ),
  fc.constant<Change>((text, at) => text.slice(0, at)),
  fc.constant<Change>((text, at) => text.slice(at)),
);

const query = fc
  .record({
    query: fc.oneof(searchQuery, metricsQuery),
    spelling,
  })
  .map(({ query: tree, spelling: form }) => spelled(tree, form));

export const damagedQuery: fc.Arbitrary<string> = fc
  .record({
    text: query,
    changes: fc.array(fc.record({ change, at: fc.nat(9_999) }), { minLength: 1, maxLength: 2 }),
  })
  .map(({ text, changes }) =>
    changes.reduce(
      (before, { change: apply, at }) => apply(before, at % (before.length + 1)),
      text,
    ),
  );

/** What stands between repeated parts, and what each is. */
const repetitions: readonly (readonly [
  begin: string,
  part: string,
  between: string,
  end: string,
])[] = [
  ["{ ", "span.f", " + ", " > 1 }"],
  ["{ ", "span.x = 1", " || ", " }"],
  ["{ ", ".arr != span.arr", " && ", " }"],
  ["{ ", "span.b", " = ", " }"],
  ["{ ", "9", " ^ ", " > 1 }"],
  ["{ ", "event.x + link.x > 1", " && ", " }"],
  ["{ ", "nestedSetLeft > 1", " || ", " }"],
  ["", "{ }", " >> ", ""],
  ["", "{ }", " && ", ""],
  ["{ } | ", "count() > 0", " | ", ""],
  ["{ } | ", "by(span.f)", " | ", ""],
  ["{ } | select(", "span.f", ", ", ")"],
  ["{ } | rate() | ", "topk(1)", " | ", ""],
  ["{ ", "!", "", "span.b }"],
  ["{ ", "-", " ", "span.x > 1 }"],
  ["", "(", "", "{ }"],
  ["{ ", "(", "", "true }"],
];

/** Each part so many times. */
export function repetitive(count: number): string[] {
  return repetitions.map(
    ([begin, part, between, end]) =>
      `${begin}${Array.from({ length: count }, () => part).join(between)}${end}`,
  );
}
