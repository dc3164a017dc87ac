// Says whether a stack of this checkout is running, whose files an install would pull away.
import fs from "fs";
import path from "path";

/**
 * The live processes that `stack.json` in `stackFolder` names, as {name, pid}.
 *
 * A number alone proves nothing, since the system hands numbers out again: where /proc exists, the
 * process must also have to do with `root`.
 */
export function runningProcesses(root, stackFolder) {
  let pids;
  try {
    pids = JSON.parse(fs.readFileSync(path.join(stackFolder, "stack.json"), "utf8")).pids || {};
  } catch {
    return [];
  }
  return Object.keys(pids)
    .map((name) => ({ name, pid: pids[name] }))
    .filter(({ pid }) => isAlive(pid) && belongsTo(root, pid));
}

export function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) {
    return false;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function belongsTo(root, pid) {
  if (!fs.existsSync("/proc/self/cmdline")) {
    return true;
  }
  const facts = [];
  for (const read of [
    () => fs.readlinkSync(`/proc/${pid}/cwd`),
    () => fs.readlinkSync(`/proc/${pid}/exe`),
    () => fs.readFileSync(`/proc/${pid}/cmdline`, "utf8"),
  ]) {
    try {
      facts.push(read());
    } catch {
      // Another user's process: what cannot be read is not evidence.
    }
  }
  const realRoot = fs.realpathSync(root);
  return facts.some((fact) => fact === realRoot || fact.includes(realRoot + path.sep));
}
