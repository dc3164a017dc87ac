/**
 * A container engine as far as the stack's commands call it. For each project `compose up` starts one
 * process that answers at the ports of all containers; `compose down` ends it.
 */
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const folder = process.env.PLANTED_ENGINE ?? "";
const words = process.argv.slice(2);

if (words[0] === "compose" && words[1] === "--project-name") {
  compose(words[2] ?? "", words.slice(5));
} else if (words[0] === "compose") {
  process.stdout.write("2.40.3\n");
} else if (words[0] === "image") {
  process.exitCode = existsSync(join(folder, "has-images")) ? 0 : 1;
} else if (words[0] !== "info") {
  process.exitCode = 1;
}

function compose(project: string, call: readonly string[]): void {
  const pidFile = join(folder, `${project}.pid`);
  const data = join(folder, `${project}.data`);
  appendFileSync(join(folder, "calls"), `${call.join(" ")}\n`);
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, "utf8")) : undefined;
  if (call[0] === "ps") {
    process.stdout.write(pid === undefined ? "" : `${pid}\n`);
  } else if (call[0] === "up") {
    const output = openSync(join(folder, "containers.log"), "a");
    const program = resolve(import.meta.dirname, "containers-process.ts");
    const child = spawn(process.execPath, [program], {
      detached: true,
      stdio: ["ignore", output, output],
      env: { ...process.env, PLANTED_DATA: data },
    });
    writeFileSync(pidFile, String(child.pid));
    child.unref();
  } else if (call.includes("down") && pid !== undefined) {
    process.kill(pid, "SIGKILL");
    rmSync(pidFile);
  }
  if (call.includes("--volumes")) {
    rmSync(data, { recursive: true, force: true });
  }
}
