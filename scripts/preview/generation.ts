import type { GeneratedFile } from "#contract";
import type { PreviewProblem } from "../../stack/index.ts";

/** What came of generating: the files, or why there are none. */
export type Generation =
  | { readonly files: readonly GeneratedFile[] }
  | { readonly problems: readonly PreviewProblem[] };
