/** A Grafana whose certificate nobody vouches for. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { planFor } from "./provisioned.ts";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

test("a certificate of one's own is not trusted, and it is said how to have it trusted", {
  skip: !hasOpenssl && "openssl makes the certificate, and is not there",
}, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "miniserve-certificate-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  const made = spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-keyout", key, "-out", cert, "-days", "1", "-subj", "/CN=localhost"],
  ]);
  assert.equal(made.status, 0, String(made.stderr));
  const options = { key: readFileSync(key), cert: readFileSync(cert) };
  const server = createServer(options, (_request, response) => response.end("{}"));
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  const pauses: number[] = [];
  await assert.rejects(planFor({ url: `https://localhost:${port}` }, { pauses }), {
    code: "grafana_unreachable",
    message: /certificate .*SELF_SIGNED_CERT/,
    hint: /NODE_EXTRA_CA_CERTS/,
  });
  await assert.rejects(planFor({ url: `http://localhost:${port}` }), {
    code: /^grafana_/,
  });
  assert.deepEqual(pauses, []);
});
