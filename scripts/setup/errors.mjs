// What can go wrong before the dependencies are there, in the form of defineErrors (contract/errors),
// which is TypeScript and cannot run yet.
import os from "os";

const again = "Run the same command again.";

export const setupErrors = {
  node_too_old: {
    exit: 2,
    message: ({ node, system }) =>
      `this machine runs Node ${node}, and miniserve brings no Node of its own for ${system}.`,
    hint: `Install Node 24 (22.15 is the oldest that works). ${again}`,
  },
  node_broken: {
    exit: 2,
    message: ({ reason }) =>
      `the Node that was installed with the dependencies does not run on this machine (${reason}).`,
    hint: "miniserve needs a Linux with glibc 2.28 or newer, or a Mac with Node 24.",
  },
  npm_missing: {
    exit: 2,
    message: "there is no npm on the PATH.",
    hint: `Install Node 24 with its npm. ${again}`,
  },
  npm_too_old: {
    exit: 2,
    message: ({ version }) => `npm here is ${version}, and the lockfile needs npm 10 or newer.`,
    hint: `Install a newer Node, which brings its npm. ${again}`,
  },
  npm_failed: {
    exit: 2,
    message: ({ reason }) => `npm ci failed (${reason}).`,
    hint: ({ log }) => `Run it by hand to see all it says: npm ci.${log}`,
  },
  network_failed: {
    exit: 2,
    message: ({ reason }) => `npm could not reach its package registry (${reason}).`,
    hint: ({ log }) => `Check the network and npm's proxy settings. ${again}${log}`,
  },
  install_incomplete: {
    exit: 2,
    message: ({ reason }) => `npm finished, and yet ${reason}.`,
    hint: `Check the network. ${again}`,
  },
  not_installed: {
    exit: 2,
    message: "nothing is installed here, so no stack of this checkout can be running.",
    hint: "npm run stack:up installs and starts everything.",
  },
  dependencies_missing: {
    exit: 2,
    message: ({ reason }) => `the dependencies are not all there: ${reason}.`,
    hint: "npm run stack:up installs them and starts everything.",
  },
  stack_running: {
    exit: 2,
    message: ({ reason, processes }) =>
      `the dependencies must be installed (${reason}), but the stack is running on the old ones: ${processes}.`,
    hint: "Run npm run stack:down, then the same command again.",
  },
  interrupted: {
    exit: ({ signal }) => 128 + os.constants.signals[signal],
    message: ({ signal }) => `the install was stopped (${signal}).`,
    hint: again,
  },
  disk_full: {
    exit: 1,
    message: "the disk is full; the dependencies need 700 MB.",
    hint: `Make room. ${again}`,
  },
  file_unwritable: {
    exit: 2,
    message: ({ file, reason }) => `${file} cannot be written (${reason}).`,
    hint: "Make the checkout writable for this user.",
  },
  system_refused: {
    exit: 2,
    message: ({ reason }) => `the system refused something: ${reason}.`,
    hint: `See to it. ${again}`,
  },
};

/** An error for the user: a code of the table, and how the process ends. */
export class SetupError extends Error {
  constructor(code, values) {
    const { message, hint, exit } = setupErrors[code];
    const fill = (member) => (typeof member === "function" ? member(values) : member);
    super(`${code}: ${fill(message)} ${fill(hint)}`);
    this.code = code;
    this.sentence = fill(message);
    this.hint = fill(hint);
    this.exitCode = fill(exit);
  }
}
