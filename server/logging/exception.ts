import { existsSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { types } from "node:util";
import { counted } from "#contract";

/** What may be told of an exception. Never its message, which may repeat what a user typed. */
export interface ExceptionDescription {
  /** The name of its class; for a thrown value that is no object, the kind of value. */
  readonly exceptionType: string;
  /** The stable code, where it has one of the usual form: `ENOSPC`, `FST_ERR_VALIDATION`. */
  readonly exceptionCode?: string;
  readonly stackFrames: string;
}

const className = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

export function isException(value: unknown): value is Error {
  try {
    return types.isNativeError(value) || value instanceof Error;
  } catch {
    // A proxy may refuse to say what it is.
    return false;
  }
}

export function describeException(error: unknown): ExceptionDescription {
  const exceptionCode = findErrorCode(error);
  return {
    exceptionType: getClassName(error),
    ...(exceptionCode === undefined ? {} : { exceptionCode }),
    stackFrames: stackFrames(error),
  };
}

/** The class's own name, from its constructor: the property `name` of an error is data. */
export function getClassName(value: unknown): string {
  if (typeof value !== "object" || value === null) {
    return value === null ? "null" : typeof value;
  }
  try {
    const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
    return typeof name === "string" && className.test(name) ? name : "Object";
  } catch {
    return "Object";
  }
}

/** The code of an exception, or undefined when it has none or something else in its place. */
export function findErrorCode(error: unknown): string | undefined {
  try {
    const code = (error as { code?: unknown }).code;
    return typeof code === "string" && className.test(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** Of the service: where this is a package, the folder that it is installed in. */
const [projectFolder = ""] = resolve(import.meta.dirname, "../..").split(
  `${sep}node_modules${sep}`,
);
const maxCharacters = 2000;
const maxFilesRemembered = 1000;

/** What V8 writes for a frame: `at name (file:line:column)`, or the place alone. */
const namedFrame = /^at (?<name>.*?) \((?<place>(?:file:|node:|\/|[A-Za-z]:\\).*)\)$/;
const namelessFrame = /^at (?:async )?(?<place>(?:file:|node:|\/|[A-Za-z]:\\).*)$/;
const linePlace = /^(?<file>.+):(?<line>\d{1,7}):(?<column>\d{1,7})$/;
/** A function's name as V8 gives it. Anything else is not repeated: it may be no name at all. */
const functionName = /^(?:async )?(?:new )?[\w$#.<>[\]]{1,80}(?: \[as [\w$#.]{1,80}\])?$/;
const packageFolder = /^.*[\\/]node_modules[\\/]((?:@[\w.-]+[\\/])?[\w.-]+)[\\/]/;

interface Frame {
  /** What to write of the frame. Neighbours with the same `group` become one. */
  readonly line: string;
  readonly group: string | undefined;
}

/**
 * Where an exception was thrown, and nothing of what it says: `decode (server/pipeline/decode.ts:41:9);
 * fastify (3 frames)`. At most 2000 characters, on one line; empty when there is no stack.
 *
 * A stack is a string that starts with the message and that anyone can assign, so nothing of it is
 * taken on trust: the message is cut off, a line must have the form of a frame, its file must be
 * there on disk, and of files outside the project only the package's name is written.
 */
export function stackFrames(error: unknown): string {
  const written: string[] = [];
  let characters = 0;
  for (const line of joined(parseFrames(error))) {
    characters += line.length + 2;
    if (characters > maxCharacters) {
      break;
    }
    written.push(line);
  }
  return written.join("; ");
}

function parseFrames(error: unknown): Frame[] {
  return stackLines(error).flatMap((line) => {
    const match = namedFrame.exec(line) ?? namelessFrame.exec(line);
    const place = linePlace.exec(match?.groups?.place ?? "")?.groups;
    return place === undefined
      ? []
      : frameAt(match?.groups?.name, place.file ?? "", `${place.line}:${place.column}`);
  });
}

/** The lines after the message. The message may itself have lines that look like frames. */
function stackLines(error: unknown): string[] {
  const { stack, message } = readable(error);
  const start = message === "" ? -1 : stack.indexOf(message);
  const end = start + message.length;
  const isHeader = start !== -1 && /^[^\n]{0,200}$/.test(stack.slice(0, start));
  const lines = (isHeader ? stack.slice(end) : stack).split("\n").map((line) => line.trim());
  const lastOther = isHeader ? 0 : lines.findLastIndex((line) => !line.startsWith("at "));
  return lines.slice(lastOther + 1);
}

function readable(error: unknown): { stack: string; message: string } {
  try {
    const { stack, message } = error as { stack?: unknown; message?: unknown };
    return {
      stack: typeof stack === "string" ? stack : "",
      message: typeof message === "string" ? message : "",
    };
  } catch {
    // null, undefined, or a getter that throws.
    return { stack: "", message: "" };
  }
}

function frameAt(name: string | undefined, file: string, position: string): Frame[] {
  if (file.startsWith("node:")) {
    return [{ line: "node", group: "node" }];
  }
  const path = findRelativePath(file);
  if (path === undefined || !isThere(path)) {
    return [];
  }
  const packageName = packageFolder.exec(path)?.[1]?.replaceAll(sep, "/");
  if (packageName !== undefined) {
    return [{ line: packageName, group: packageName }];
  }
  const fromProject = relative(projectFolder, path);
  if (fromProject.startsWith("..")) {
    return [{ line: "elsewhere", group: "elsewhere" }];
  }
  const place = `${fromProject.replaceAll(sep, "/")}:${position}`;
  if (name === undefined) {
    return [{ line: place, group: undefined }];
  }
  return [
    {
      line: `${functionName.test(name) ? name : "<anonymous>"} (${place})`,
      group: undefined,
    },
  ];
}

function findRelativePath(file: string): string | undefined {
  try {
    return file.startsWith("file:") ? fileURLToPath(file) : file;
  } catch {
    return undefined;
  }
}

const filesThere = new Set<string>();

function isThere(path: string): boolean {
  if (filesThere.has(path)) {
    return true;
  }
  if (!existsSync(path)) {
    return false;
  }
  if (filesThere.size < maxFilesRemembered) {
    filesThere.add(path);
  }
  return true;
}

/** One entry for a run of frames in the same package, with their number. */
function joined(frames: readonly Frame[]): string[] {
  const lines: string[] = [];
  for (let index = 0; index < frames.length; ) {
    const { line, group } = frames[index] as Frame;
    const end = frames.findIndex((frame, at) => at > index && frame.group !== group);
    const count = group === undefined ? 1 : (end === -1 ? frames.length : end) - index;
    lines.push(group === undefined ? line : `${line} (${counted(count, "frame")})`);
    index += count;
  }
  return lines;
}
