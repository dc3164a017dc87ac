import assert from "node:assert/strict";
import { test } from "node:test";
import { QueryError } from "./query-error.ts";
import { scanString } from "./scanner.ts";

const at = { offset: 0, line: 1, column: 1 };

test("escapes are those of Go, of which \\x and octal ones are bytes", () => {
  const texts = {
    '"\\xc3\\xbcber"': "über",
    '"\\303\\274ber"': "über",
    '"\\u00fcber"': "über",
    '"\\U0001f600"': "\u{1f600}",
    '"\\xf0\\x9f\\x98\\x80"': "\u{1f600}",
    '"\\xF0\\237\\x98\\200 and ü"': "\u{1f600} and ü",
    '"\\x41\\101\\u0041"': "AAA",
    '"\\a\\b\\f\\n\\r\\t\\v\\\\\\""': '\u0007\b\f\n\r\t\v\\"',
    '"it\'s"': "it's",
    '"\\xff"': "\ufffd",
    '"\\xc3"': "\ufffd",
    '"\\377\\000"': "\ufffd\0",
    "`\\xc3\\xbc \\q \\`": "\\xc3\\xbc \\q \\",
    '`a"b\nc`': 'a"b\nc',
    "`a\r\nb`": "a\nb",
    '""': "",
    "``": "",
  };
  for (const [text, value] of Object.entries(texts)) {
    assert.deepEqual(scanString(text, 0, at), { value, end: text.length }, text);
  }
});

test("what Go does not know is refused", () => {
  const texts = [
    ...[
      '"\\q"',
      '"\\\'"',
      '"\\`"',
      '"\\x4"',
      '"\\xg0"',
      '"\\400"',
      '"\\47"',
      '"\\u123"',
      '"\\ud800"',
    ],
    ...['"\\udfff"', '"\\U00110000"', '"\\U0001f60"', '"a\nb"', '"a', '"a\\', "`a", '"\\\n"'],
  ];
  for (const text of texts) {
    assert.throws(() => scanString(text, 0, at), QueryError, text);
  }
});
