import { StackError, type StackErrorCode } from "./stack-error.ts";

const full = { code: "disk_full", action: "Make room, then run the same command again." } as const;
const unwritable = {
  code: "file_unwritable",
  action: "Let this user write there, or set another folder.",
} as const;
const tooMany = {
  code: "too_many_files",
  action: "Close other programs, or raise the limit (ulimit -n), then run the same command again.",
} as const;

const known: Readonly<Record<string, { code: StackErrorCode; action: string }>> = {
  ENOSPC: full,
  EDQUOT: full,
  EROFS: unwritable,
  EACCES: unwritable,
  EPERM: unwritable,
  ENOTDIR: unwritable,
  EMFILE: tooMany,
  ENFILE: tooMany,
};

/**
 * What the system refused, as an error that a person can do something about; undefined for anything
 * else, which is a defect.
 */
export function systemErrorOf(error: unknown): StackError | undefined {
  const { code = "", syscall, path } = (error ?? {}) as NodeJS.ErrnoException;
  const meaning = known[code];
  if (!(error instanceof Error) || syscall === undefined || meaning === undefined) {
    return undefined;
  }
  const where = path === undefined ? "" : ` of ${path.replaceAll(/[^\x20-\x7e]/gu, "?")}`;
  return new StackError({
    ...meaning,
    seen: `The system refused to ${syscall}${where} (${code}).`,
    exitCode: 2,
  });
}
