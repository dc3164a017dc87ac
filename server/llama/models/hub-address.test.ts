import assert from "node:assert/strict";
import { test } from "node:test";
import { formatHubAddress, hubFileUrl, isHubAddress, parseHubAddress } from "./hub-address.ts";

test("an address may name its revision behind the repository, at the end, or not at all", () => {
  const address = {
    user: "some-one",
    repository: "A.b_c",
    revision: "main",
    file: "x/y-1.Q4.gguf",
  };
  assert.deepEqual(parseHubAddress("hf:some-one/A.b_c/x/y-1.Q4.gguf"), address);
  for (const pinned of [
    "hf:some-one/A.b_c@v2/x/y-1.Q4.gguf",
    "hf:some-one/A.b_c/x/y-1.Q4.gguf@v2",
  ]) {
    assert.deepEqual(parseHubAddress(pinned), { ...address, revision: "v2" });
  }
  assert.equal(formatHubAddress(address), "hf:some-one/A.b_c@main/x/y-1.Q4.gguf");
  assert.deepEqual(parseHubAddress(formatHubAddress(address)), address);
  assert.equal(
    hubFileUrl("https://hub.example/mirror", address).href,
    "https://hub.example/mirror/some-one/A.b_c/resolve/main/x/y-1.Q4.gguf",
  );
});

const unreadable = [
  "hf:",
  "hf:user/file.gguf",
  "hf:user/repository/",
  "hf:user/repository/file.bin",
  "hf:user/repository:Q4_K_M",
  "hf:user/../file.gguf",
  "hf:user/repository/../../file.gguf",
  "hf:user/repository//file.gguf",
  "hf:user/repository@/file.gguf",
  "hf:user/repository@one/file.gguf@two",
  "hf:user/repository/file.gguf?download=true",
  "hf:user name/repository/file.gguf",
];

for (const address of unreadable) {
  test(`${address} is refused, saying what an address looks like`, () => {
    assert.ok(isHubAddress(address));
    assert.throws(() => parseHubAddress(address), {
      code: "model_address_invalid",
      hint: /hf:user\/repository@revision\/file\.gguf/,
    });
  });
}

test("one part of a model in several files is refused with the way out", () => {
  assert.throws(() => parseHubAddress("hf:user/repository/big-00001-of-00003.gguf"), {
    code: "model_address_invalid",
    hint: /Download all parts/,
  });
});
