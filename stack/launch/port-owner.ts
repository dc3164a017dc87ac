import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";

/** Who listens on a port, as "node, process 4711", or undefined where that cannot be known cheaply. */
export async function portOwner(port: number): Promise<string | undefined> {
  try {
    return process.platform === "linux" ? await linuxOwner(port) : await portableOwner(port);
  } catch {
    return undefined;
  }
}

const listening = "0A";

async function linuxOwner(port: number): Promise<string | undefined> {
  const tables = await Promise.all(
    ["/proc/net/tcp", "/proc/net/tcp6"].map((file) => readFile(file, "utf8").catch(() => "")),
  );
  const sockets = tables
    .flatMap((table) => table.split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => {
      const hex = local?.split(":")[1] ?? "";
      return state === listening && Number.parseInt(hex, 16) === port;
    })
    .map((fields) => `socket:[${fields[9]}]`);
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  for (const pid of pids) {
    if (await holdsOneOf(pid, sockets)) {
      return described(await programOf(pid), pid);
    }
  }
  return undefined;
}

/** What it was started as: a thread's name, which programs set as they like, tells little. */
async function programOf(pid: string): Promise<string> {
  const [program = ""] = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0");
  return basename(program);
}

/** A program is called what anybody likes, and this is read at a terminal. */
function described(name: string, pid: string): string {
  const printable = name.replaceAll(/[^\x20-\x7e]/gu, "?").slice(0, 60);
  return printable === "" ? `process ${pid}` : `${printable}, process ${pid}`;
}

/** The files of other users' processes cannot be listed: those are passed over. */
async function holdsOneOf(pid: string, sockets: readonly string[]): Promise<boolean> {
  const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const file of files) {
    const target = await readlink(`/proc/${pid}/fd/${file}`).catch(() => "");
    if (sockets.includes(target)) {
      return true;
    }
  }
  return false;
}

async function portableOwner(port: number): Promise<string | undefined> {
  const options = ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"];
  const { stdout } = await promisify(execFile)("lsof", options, { timeout: 3000 });
  const pid = /^p(\d+)$/m.exec(stdout)?.[1];
  const name = /^c(.+)$/m.exec(stdout)?.[1];
  return pid === undefined ? undefined : described(basename(name ?? ""), pid);
}
