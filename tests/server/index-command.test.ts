import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { IndexScene, wholeTree } from "../support/index-fixture.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { postJson } from "../support/post-json.ts";
import { assertSound, createRequestRecord, listTree } from "../support/request-record.ts";
import { ServerProcess } from "../support/server-process.ts";

const repository = join(import.meta.dirname, "../..");

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe("npm run index", () => {
  let directory: string;
  let environment: Record<string, string>;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "miniserve-index-command-"));
    const { PATH = "", HOME = "", NODE_COMPILE_CACHE = "" } = process.env;
    environment = {
      PATH,
      HOME,
      NODE_COMPILE_CACHE,
      MINISERVE_OFFLINE: "1",
      MINISERVE_MODELS_DIRECTORY: join(directory, "models"),
      MINISERVE_INDEXES_DIRECTORY: join(directory, "indexes"),
    };
  });
  after(() => rm(directory, { recursive: true, force: true }));

  function start(...options: string[]) {
    return spawn(process.execPath, ["scripts/index-documents.ts", ...options], {
      cwd: repository,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  async function run(...options: string[]): Promise<Ended> {
    const child = start(...options);
    const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { code: await closed, stdout, stderr };
  }

  test("makes, lists and removes an index, and says what is wrong with its arguments", async () => {
    await using scene = await IndexScene.open({ "a.md": "# A\n\none", "deep/b.txt": "two" });
    const made = await run("mine", scene.documentsDirectory, "--json");
    assert.equal(made.code, 0, made.stderr);
    assert.equal(JSON.parse(made.stdout).passages, 2);
    assert.match(made.stderr, /100 % of 2 documents/);
    const listed = await run("--list", "--json");
    assert.deepEqual(
      JSON.parse(listed.stdout).indexes.map(({ name, model }: Record<string, string>) => [
        name,
        model,
      ]),
      [["mine", "lexical-embedding"]],
    );
    assert.equal((await run("--remove", "mine")).code, 0);
    const again = await run("--remove", "mine");
    assert.equal(again.code, 1);
    assert.match(again.stderr, /no index mine/);
    for (const wrong of [[], ["mine"], ["Mine", "docs"], ["mine", "no/such/path"], ["--lits"]]) {
      const { code, stderr } = await run(...wrong);
      assert.equal(code, 2, wrong.join(" "));
      assert.doesNotMatch(stderr, /\n {4}at /);
    }
    assert.equal((await run("--help")).code, 0);
  });

  test("what cannot be taken is left out and named, and a long document shows how far it is", async () => {
    await using scene = await IndexScene.open({
      "good.md": "# Good\n\nThe river is wide.",
      "long.txt": "The river has water. ".repeat(20_000),
      "binary\u001b[31m.md": "a\0b",
    });
    const made = await run("partly", scene.documentsDirectory);
    assert.equal(made.code, 1, made.stderr);
    assert.match(made.stdout, /^document_binary: .*binary\ufffd\[31m\.md is left out\. /m);
    assert.match(made.stdout, /^partly: 2 documents, \d{3} passages;/m);
    // One of three documents has nearly all the bytes.
    const percentages = [...made.stderr.matchAll(/ (\d+) % of 3/g)].map(([, percent]) => percent);
    assert.ok(percentages.length >= 10, made.stderr);
    const { leftOut } = JSON.parse(
      (await run("partly", scene.documentsDirectory, "--json")).stdout,
    );
    assert.deepEqual(
      leftOut.map(({ code }: { code: string }) => code),
      ["document_binary"],
    );
  });

  test("killed in the middle it leaves the old index, and the next run cleans up", async () => {
    await using scene = await IndexScene.open({ "a.md": "# A\n\nThe river is wide." });
    assert.equal((await run("kept", scene.documentsDirectory)).code, 0);
    const before = (await run("--list", "--json")).stdout;
    const many = Array.from({ length: 150 }, (_, row) =>
      `The river ${row} has water.\n\n`.repeat(30),
    );
    for (const [index, content] of many.entries()) {
      await scene.write(`more/${index}.txt`, content);
    }
    const child = start("kept", scene.documentsDirectory);
    const ended = new Promise((resolve) => child.once("exit", (_code, signal) => resolve(signal)));
    for await (const chunk of child.stderr) {
      if (String(chunk).includes("20 %")) {
        child.kill("SIGKILL");
      }
    }
    assert.equal(await ended, "SIGKILL");
    assert.equal((await run("--list", "--json")).stdout, before);
    assert.equal((await readdir(join(directory, "indexes/kept"))).length, 3);
    await rm(join(scene.documentsDirectory, "more"), { recursive: true });
    assert.equal((await run("kept", scene.documentsDirectory)).code, 0);
    assert.equal((await readdir(join(directory, "indexes/kept"))).length, 2);
  });

  test("the server makes the index of its own documentation, keeps it, and takes others at once", async () => {
    const receiver = await OtlpReceiver.start();
    const { MINISERVE_INDEXES_DIRECTORY: indexes = "" } = environment;
    const settings = { MINISERVE_INDEX_DOCS: "1", MINISERVE_INDEXES_DIRECTORY: indexes };
    try {
      for (const kept of [0, 1]) {
        await using server = await ServerProcess.start({ receiver, settings });
        const messages = [{ role: "user", content: "What if the queue is full?" }];
        const body = { messages, retrieval: {}, max_tokens: 2 };
        // Sent at once: it waits for the index.
        const answer = await postJson(`${server.url}/v1/chat/completions`, body);
        assert.equal(answer.status, 200, answer.text);
        const record = await createRequestRecord(server, receiver, answer.traceId);
        assertSound(record);
        assert.deepEqual(listTree(record), wholeTree);
        assert.ok(JSON.parse(answer.text).retrieval.documents.length > 0);
        const told = await server.waitForLine("the index", ({ reason }) =>
          /documents kept/.test(String(reason)),
        );
        assert.equal(/ 0 documents kept/.test(String(told.reason)), kept === 0);
        const ready = await (await fetch(`${server.url}/readyz`)).text();
        assert.equal(JSON.parse(ready).embedding_model, "lexical-embedding");
        await using scene = await IndexScene.open({ "a.md": "# Mine\n\nThe river is wide." });
        assert.equal((await run("mine", scene.documentsDirectory)).code, 0);
        const other = { messages, retrieval: { index: "mine" }, max_tokens: 2 };
        const { text: taken } = await postJson(`${server.url}/v1/chat/completions`, other);
        assert.equal(JSON.parse(taken).retrieval.index, "mine", taken);
        assert.deepEqual(await server.stop(), { code: 0, signal: null });
      }
    } finally {
      await receiver.stop();
    }
  });
});
