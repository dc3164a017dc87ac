/** Numbers are written as Grafana writes them, in every unit that the viewer or a dashboard knows. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { formatText, tickText } from "../../stack/viewer/data/units.ts";
import { grafana, theme } from "./grafana.ts";

const folder = join(import.meta.dirname, "..", "..", "dashboards", "generated", "miniserve");
const used = readdirSync(folder).flatMap((file) =>
  unitsIn(readFileSync(join(folder, file), "utf8")),
);
const known = [
  "none",
  "locale",
  "short",
  "ns",
  "µs",
  "ms",
  "s",
  "m",
  "h",
  "bytes",
  "Bps",
  "percent",
];
const others = ["percentunit", "reqps", "ops", "suffix:/s", "suffix: of 3", "a unit of nobody"];
const seed = 20_261_130;

/** Of every size, also whole ones, such with few digits, and those at which a scale changes. */
const numbers = fc.oneof(
  fc
    .tuple(fc.double({ min: -12, max: 18, noNaN: true }), fc.boolean())
    .map(([exponent, isNegative]) => 10 ** exponent * (isNegative ? -1 : 1)),
  fc.integer({ min: -100_000, max: 100_000_000 }),
  fc
    .tuple(fc.integer({ min: -999, max: 999 }), fc.integer({ min: -9, max: 12 }))
    .map(([digits, exponent]) => Number(`${digits}e${exponent}`)),
  fc.constantFrom(0, 1, 24, 60, 168, 999.5, 1000, 1024, 1440, 3600, 86_400, 604_800, 31_536_000),
);
const ticks = fc
  .tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: -3, max: 9 }))
  .map(([digits, exponent]) => Number(`${digits}e${exponent}`));
const decimals = fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined });

for (const unit of new Set([...known, ...others, ...used])) {
  test(`${unit}: as Grafana writes it`, () => {
    fc.assert(
      fc.property(numbers, decimals, (value, places) => {
        const theirs = grafana.getValueFormat(unit)(value, places);
        assert.equal(formatText(value, unit, places), grafana.formattedValueToString(theirs));
      }),
      { seed, numRuns: 2000 },
    );
  });
}

for (const unit of new Set([...known, ...others, ...used])) {
  test(`${unit}: at the tick of an axis as Grafana writes it`, () => {
    fc.assert(
      fc.property(ticks, decimals, (value, places) => {
        const config = { unit, ...(places === undefined ? {} : { decimals: places }) };
        const field = { name: "", type: grafana.FieldType.number, values: [value], config };
        const display = grafana.getDisplayProcessor({ field, theme });
        // Of the steps between ticks, Grafana takes as many decimals as they need: here those of the value.
        const needed = /\.(\d+)/.exec(grafana.getValueFormat(unit)(value).text)?.[1]?.length ?? 0;
        const theirs = grafana.formattedValueToString(display(value, needed));
        assert.equal(tickText(value, unit, places), theirs);
      }),
      { seed, numRuns: 500 },
    );
  });
}

test("no unit of a dashboard stands two spaces behind its number", () => {
  for (const unit of used) {
    assert.doesNotMatch(formatText(1.5, unit), / {2}/, unit);
  }
});

/** Those of defaults, axes and overrides. */
function unitsIn(dashboard: string): string[] {
  const plain = [...dashboard.matchAll(/"unit": "([^"]*)"/g)];
  const overriding = [...dashboard.matchAll(/"id": "unit",\s+"value": "([^"]*)"/g)];
  return [...plain, ...overriding].map(([, unit = ""]) => unit);
}
