import { type Dirent, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { shortText } from "#contract";
import { StackError } from "../../../stack/index.ts";
import type { Surroundings } from "../boards/board.ts";
import { readBoards } from "../boards/read-boards.ts";
import { DocumentError, readDocuments } from "../documents/text-document.ts";
import type { AuditedSource, ReadSources, UnreadSource } from "./audited-source.ts";

const largestFileBytes = 20_000_000;
const mostFiles = 20_000;
const skippedFolders = new Set(["node_modules", ".git", ".venv", "vendor"]);
const readEndings = /\.(?:json|ya?ml)$/i;

/**
 * Reads the boards in files and folders. A file that is named must be readable, and hold a board.
 * @throws StackError `file_unreadable`.
 */
export function readFiles(paths: readonly string[], surroundings: Surroundings): ReadSources {
  const sources: AuditedSource[] = [];
  const unread: UnreadSource[] = [];
  let others = 0;
  for (const path of paths) {
    const isFolder = statPath(path).isDirectory();
    for (const file of isFolder ? listFiles(path) : [path]) {
      const read = readFile(file, surroundings);
      if ("reason" in read) {
        unread.push({ place: file, reason: read.reason });
      } else if (read.boards.length > 0) {
        sources.push(read);
      } else if (isFolder) {
        others += 1;
      } else {
        unread.push({ place: file, reason: "no dashboard, library panel or rule is in there" });
      }
    }
  }
  return { sources, unread, others };
}

function statPath(path: string) {
  try {
    return statSync(path);
  } catch (error) {
    const { code = "unreadable" } = error as NodeJS.ErrnoException;
    throw new StackError("file_unreadable", {
      message: `${shortText(path)} cannot be read (${code}).`,
    });
  }
}

/** Links are not followed: they may lead anywhere, and round and round. */
function listFiles(folder: string): string[] {
  const files: string[] = [];
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    const entries = readdirSync(next, { withFileTypes: true });
    for (const entry of entries.toSorted(byName)) {
      const path = join(next, entry.name);
      if (entry.isDirectory() && !skippedFolders.has(entry.name)) {
        folders.push(path);
      } else if (entry.isFile() && readEndings.test(entry.name)) {
        files.push(path);
      }
    }
    if (files.length > mostFiles) {
      throw new StackError("file_unreadable", {
        message: `There are more than ${mostFiles} files of JSON and YAML in ${shortText(folder)}.`,
        hint: "Name the folder of the dashboards.",
      });
    }
  }
  return files.toSorted();
}

function byName(one: Dirent, other: Dirent): number {
  return one.name < other.name ? -1 : 1;
}

/** Undefined where it is no UTF-8: written back, it would be another file. */
function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function readFile(
  file: string,
  surroundings: Surroundings,
): AuditedSource | { readonly reason: string } {
  try {
    if (statSync(file).size > largestFileBytes) {
      return { reason: `larger than ${largestFileBytes / 1_000_000} MB` };
    }
    const text = decode(readFileSync(file));
    if (text === undefined) {
      return { reason: "not UTF-8" };
    }
    const boards = readDocuments(text).flatMap((document) => readBoards(document, surroundings));
    return { place: file, text, boards };
  } catch (error) {
    if (error instanceof DocumentError) {
      return { reason: error.message };
    }
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) {
      throw error;
    }
    return { reason: code };
  }
}
