import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  shortText,
  visibleJson,
  visibleText,
  withoutCredentials,
  withoutSecrets,
} from "./index.ts";

const obeyed = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const seed = 34;
const secret = "hunter2x";

test("what a terminal obeys is written as in source code", () => {
  const cases = [
    ["\u001b[2J", "\\u001b[2J"],
    ["\u0007\u0000", "\\u0007\\u0000"],
    ["a\nb\r\tc", "a\\nb\\r\\tc"],
    ["\u009b1m\u007f", "\\u009b1m\\u007f"],
    ["\u202eabc\u2066", "\\u202eabc\\u2066"],
    ["pay\u200bpal\ufeff", "pay\\u200bpal\\ufeff"],
    ["\u2028\u{e0041}\ud800", "\\u2028\\u{e0041}\\ud800"],
    ["über 日本 😀", "über 日本 😀"],
  ] as const;
  for (const [text, shown] of cases) {
    assert.equal(visibleText(text), shown);
    assert.equal(visibleText(shown), shown);
  }
});

test("any text can be shown, and any document as JSON that says the same", (t) => {
  t.diagnostic(`seed ${seed}`);
  const text = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(text, fc.dictionary(text, text), (one, document) => {
      assert.doesNotMatch(visibleText(one), obeyed);
      const json = visibleJson(document);
      assert.doesNotMatch(json.replaceAll("\n", ""), obeyed);
      assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify(document)));
    }),
    { seed, numRuns: 500 },
  );
});

test("a long text is cut, and says so", () => {
  assert.equal(shortText("abc", 3), "abc");
  assert.equal(shortText("abcd", 3), "ab…");
  assert.equal([...shortText("\u001b".repeat(1_000_000))].length, 300);
  assert.equal(shortText("😀".repeat(4), 4), "😀😀😀😀");
  assert.equal(shortText(`see http://me:${secret}@host`, 20), "see http://…@host");
});

const spellings = [
  `http://me:${secret}@host/path`,
  `https://${secret}@host`,
  `HTTPS://me:${secret}%40home@host:1/`,
  `http://me:${secret}@home@host/`,
  `http://me:a/${secret}@host/`,
  `http:\\\\me:${secret}@host`,
  `//me:${secret}@host/x`,
  `https%3A%2F%2Fme%3A${secret}%40host%2F`,
  `https%3a//me:${secret}@host`,
  `at http://a.b/ and socks5://me:${secret}@host:1080`,
  `Authorization: Bearer ${secret}`,
  `authorization=Basic ${secret}`,
  `{"Authorization":"Bearer ${secret}"}`,
  `{\\"authorization\\":\\"Bearer ${secret}\\"}`,
  `Proxy-Authorization: ${secret}`,
  `Cookie: a=1; session=${secret}`,
  `X-Grafana-Api-Key: ${secret}`,
  `x-api-key=${secret}`,
  `bearer ${secret}`,
  `Bearer%20${secret}`,
  `?token=${secret}&x=1`,
  `access_token=${secret}`,
  `api_key=${secret}`,
  `apikey="${secret}"`,
  `API-KEY=${secret}`,
  `GRAFANA_TOKEN=${secret}`,
  `MINISERVE_API_KEY='${secret}'`,
  `password%3D${secret}`,
  `{"password": "${secret}", "user": "me"}`,
  `client_secret=${secret};`,
  `the token glsa_${secret}${secret}`,
  `hf_${secret}${secret}`,
  `github_pat_${secret}${secret}`,
  `glpat-${secret}${secret}`,
  `xoxb-1234567890-${secret}`,
  `AIzaSy${secret}${secret}`,
  `pypi-${secret}${secret}`,
  `api_key: ${secret}`,
  `password: ${secret}`,
  `"client_secret": ${secret}`,
  `-----BEGIN PRIVATE KEY-----\nMIIE${secret}/+=\n-----END PRIVATE KEY-----`,
  `-----BEGIN RSA PRIVATE KEY-----\\nMIIE${secret}`,
  `eyJhbGciOi${secret}.eyJz${secret}.${secret}`,
];

for (const text of spellings) {
  test(`masks ${text.replaceAll(secret, "SECRET")}`, () => {
    const masked = withoutCredentials(text);
    assert.doesNotMatch(masked, /hunter2x/);
    assert.match(masked, /…/);
    assert.equal(withoutCredentials(masked), masked);
  });
}

const plain = [
  "The trace store at http://127.0.0.1:3200 cannot be used: ECONNREFUSED.",
  "https://grafana.example.org/d/abc/x?from=now-3h&to=now#top",
  "write to someone@example.org, or see http://example.org:80/a@b",
  'curl -i http://127.0.0.1:8080 -H "authorization: Bearer $MINISERVE_API_KEY" -d x',
  "Give the token with --token-env NAME; a bearer token or basic authentication.",
  "llm.tokens.out=16 max_tokens=16 llm.token=4",
  "The token: it is wrong or too old. Password: required. secret: see docs/api.md",
  "AKIA is how they begin, and -----BEGIN CERTIFICATE----- is public",
  "Put user:password into the variable GRAFANA_TOKEN instead.",
];

for (const text of plain) {
  test(`leaves ${text}`, () => {
    assert.equal(withoutCredentials(text), text);
  });
}

test("masks the key of an account at AWS", () => {
  assert.equal(
    withoutCredentials("key AKIAIOSFODNN7EXAMPLE of ASIAIOSFODNN7EXAMPLE"),
    "key … of …",
  );
});

test("a secret that is known is masked wherever it stands, in every encoding", () => {
  const known = 'me:p&ss w"rd/ü';
  const password = known.slice(3);
  for (const spelled of [
    known,
    password,
    encodeURIComponent(known),
    encodeURIComponent(password),
    JSON.stringify(known),
    Buffer.from(known).toString("base64"),
    new URLSearchParams({ a: password }).toString(),
  ]) {
    const masked = withoutSecrets(`before ${spelled} behind`, [known]);
    assert.match(masked, /^before .*…"? behind$/);
    assert.doesNotMatch(masked, /p&ss|p%26ss|cDpm|rd/);
  }
  assert.equal(withoutSecrets("nothing is lost", ["a"]), "nothing is lost");
});

test("no text takes long", () => {
  for (const piece of ["://a:b", "a-", "bearer ", "token", "://", "a@", ":@%40", "authorization"]) {
    assert.equal(typeof withoutCredentials(piece.repeat(100_000)), "string");
  }
});
