import assert from "node:assert/strict";
import { test } from "node:test";
import { readableColour, resolveColour, textColourOn } from "./colours.ts";

test("colours of text are changed no more than reading them asks for", () => {
  assert.equal(readableColour("#ffffff", "dark"), "#ffffff");
  assert.equal(readableColour("#000000", "dark"), "#8f8f8f");
  assert.equal(readableColour("#ffffff", "light"), "#707070");
  assert.equal(
    readableColour(resolveColour("green", "dark"), "dark"),
    resolveColour("green", "dark"),
  );
  assert.equal(readableColour(resolveColour("yellow", "light"), "light"), "#876a05");
  assert.equal(readableColour("tomato", "light"), "tomato");
});

test("text on a colour is black or white", () => {
  assert.equal(textColourOn("#f5d033"), "#000000");
  assert.equal(textColourOn("#9c1524"), "#ffffff");
  assert.equal(textColourOn("var(--x)"), undefined);
});
