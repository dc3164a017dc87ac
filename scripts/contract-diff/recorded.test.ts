import assert from "node:assert/strict";
import { test } from "node:test";
import { unrecorded } from "./recorded.ts";

const rename = { breaking: true, namesBefore: ["shop.amount"], namesNow: ["shop.price"] };
const arrival = { breaking: true, namesBefore: [], namesNow: ["shop.tip"] };
const harmless = { ...arrival, breaking: false };

const released = "## 1.0\n\n- `shop.amount`, `shop.tip`\n";

test("a breaking change is recorded by its old name, or its new one, among what is not released", () => {
  const changes = [rename, arrival, harmless];
  assert.deepEqual(unrecorded(changes, ""), [rename, arrival]);
  assert.deepEqual(
    unrecorded(changes, `# Changes\n\n${released}`.replace("1.0", "Unreleased")),
    [],
  );
  assert.deepEqual(unrecorded(changes, `# Changes\n\n## Unreleased\n\n- A tip.\n\n${released}`), [
    rename,
    arrival,
  ]);
  assert.deepEqual(unrecorded(changes, "## Unreleased\n\n- `shop.amount` is `shop.price`.\n"), [
    arrival,
  ]);
});
