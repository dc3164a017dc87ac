import { Document } from "yaml";
import type { GeneratedFile } from "#contract";

interface YamlFile {
  /** Below `provisioning/generated/`. */
  readonly name: string;
  /** What to edit instead, from the checkout. */
  readonly source: string;
  /** What the file is for, in lines. */
  readonly brief: readonly string[];
  readonly content: object;
}

/** A file in YAML that says who made it and what it is for. */
export function yamlFile({ name, source, brief, content }: YamlFile): GeneratedFile {
  const document = new Document(content, { aliasDuplicateObjects: false });
  const lines = [`Generated from ${source} by npm run generate. Do not edit.`, "", ...brief];
  document.commentBefore = lines.map((line) => (line === "" ? "" : ` ${line}`)).join("\n");
  // A line is never folded: one query is one line in a diff.
  return { path: `provisioning/generated/${name}`, content: document.toString({ lineWidth: 0 }) };
}
