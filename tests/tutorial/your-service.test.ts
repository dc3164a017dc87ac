/** The commands of docs/your-service.md, as they stand there, one block after the other. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadConfiguration } from "../../stack/index.ts";
import { fetchAnswer, hasData, panelQueries } from "../dashboards/panel-answers.ts";
import { checkout, stackUnderTest, waitForEnd } from "../stack/stack-under-test.ts";

const timeout = 290_000;

interface Section {
  readonly title: string;
  /** All commands of the section. */
  readonly code: string;
  /** Lines that the commands print; the numbers in them may be others. */
  readonly shown: readonly string[];
}

function readSections(): Section[] {
  const page = readFileSync(join(checkout, "docs", "your-service.md"), "utf8");
  return page.split(/^## /m).map((section) => {
    const blocks = [...section.matchAll(/^```(sh|)\n([\s\S]*?)^```$/gm)];
    const of = (kind: string) =>
      blocks
        .filter(([, language]) => language === kind)
        .map(([, , text]) => text)
        .join("");
    const [title = ""] = section.split("\n", 1);
    return { title, code: of("sh"), shown: of("").split("\n") };
  });
}

function withoutNumbers(text: string): string {
  return text.replaceAll(/\d+/g, "0").replaceAll(/ +/g, " ").trim();
}

/** A script that goes on only where each command ends as the page says. */
function asScript(code: string): string {
  const checked = code.replaceAll(
    /^(.*) # exit code (\d+)$/gm,
    "code=0; $1 || code=$?; [ $code = $2 ]",
  );
  return `set -eu\n${checked}`;
}

test("the page's commands do what it says", { timeout }, async (t) => {
  const stack = await stackUnderTest(t);
  const home = join(stack.directory, "home");
  mkdirSync(home);
  const store = `http://127.0.0.1:${stack.ports.TEMPO_PORT}`;
  let exports = "";
  for (const { title, code, shown } of readSections()) {
    const end = await waitForEnd(
      spawn("bash", ["-c", asScript(exports + code)], {
        cwd: checkout,
        env: { ...stack.environment, HOME: home },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
    const output = end.stdout + end.stderr;
    if (/\[python_(?:missing|packages_failed)\]/.test(output)) {
      t.skip(`the example cannot run here: ${output}`);
      return;
    }
    assert.equal(end.exitCode, 0, `${title}\n${output}`);
    for (const line of shown) {
      assert.ok(withoutNumbers(output).includes(withoutNumbers(line)), `${line}\n${output}`);
    }
    // What a person's shell keeps for the next block.
    exports += [...code.matchAll(/^export [A-Z_]+=.*\n/gm)].join("");
    if (title === "Generate") {
      await assertFilled(store, join(home, "shop", "miniserve.config.ts"));
    }
  }
});

/** Most panels of what was generated show something: the contract asks for what is there. */
async function assertFilled(store: string, config: string): Promise<void> {
  const { services } = await loadConfiguration({ config });
  const panels = await panelQueries(services[0].contract, {});
  const answers = [];
  for (const panel of panels) {
    answers.push({ where: panel.where, answer: await fetchAnswer(store, panel) });
  }
  const filled = answers.filter(({ answer }) => hasData(answer));
  assert.ok(filled.length > 40, `${filled.length} of ${answers.length}`);
  assert.deepEqual(
    answers
      .filter(({ where, answer }) => where.startsWith("span-attributes") && !hasData(answer))
      .map(({ where }) => where),
    [],
  );
}
