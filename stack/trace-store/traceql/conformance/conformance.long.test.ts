import { test } from "node:test";
import type { Span } from "#contract";
import { temporaryDirectory } from "../../../../tests/support/temporary-directory.ts";
import { assertExpected } from "../testing/assert-expected.ts";
import { answerDataSet } from "./answer-data-set.ts";

test("the spans in another order, in many exports, some of them sent again, give the same answers", async () => {
  const turnedAndCut = (spans: readonly Span[]) => {
    const turned = spans.toReversed();
    const cut = Array.from({ length: Math.ceil(turned.length / 97) }, (_, index) =>
      turned.slice(index * 97, (index + 1) * 97),
    );
    return [...cut, ...cut.slice(3, 6)];
  };
  assertExpected(await answerDataSet(temporaryDirectory(), turnedAndCut));
});
