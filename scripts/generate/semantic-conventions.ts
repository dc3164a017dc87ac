import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { contentKey, type GeneratedFile } from "#contract";

/**
 * The names and briefs of OpenTelemetry's semantic conventions, from the types of its npm package: what
 * `contract:infer` knows of attributes without a network. Names of content are left out: no contract may
 * declare them.
 */
export function semanticConventionsTable(): GeneratedFile {
  return {
    path: "contract/generated/semantic-conventions.ts",
    content: [
      "// Generated from @opentelemetry/semantic-conventions by npm run generate. Do not edit.",
      "// Copyright The OpenTelemetry Authors, Apache-2.0.",
      "",
      "/** What OpenTelemetry says of an attribute. */",
      "export interface Convention {",
      "  readonly brief: string;",
      "  readonly example?: string;",
      "  /** What stands for it now, if it is deprecated: a sentence. */",
      "  readonly deprecated?: string;",
      "}",
      "",
      "export const semanticConventions: Readonly<Record<string, Convention>> = {",
      ...readConventions().map(
        ([key, convention]) => `  ${JSON.stringify(key)}: ${JSON.stringify(convention)},`,
      ),
      "};",
      "",
    ].join("\n"),
  };
}

interface Convention {
  readonly brief: string;
  readonly example?: string;
  readonly deprecated?: string;
}

function readConventions(): [key: string, convention: Convention][] {
  const index = import.meta.resolve("@opentelemetry/semantic-conventions/incubating");
  const texts = ["stable", "experimental"].map((maturity) =>
    readFileSync(fileURLToPath(new URL(`./${maturity}_attributes.d.mts`, index)), "utf8"),
  );
  const declared = texts.flatMap((text) => [
    ...text.matchAll(/\/\*\*\n((?: \*.*\n)+?) \*\/\ndeclare const ATTR_\w+: "([^"]+)";/g),
  ]);
  const conventions = declared
    .map(([, comment = "", key = ""]) => [key, readComment(comment)] as const)
    .filter(([key]) => !contentKey.test(key));
  if (conventions.length === 0) {
    throw new Error("@opentelemetry/semantic-conventions declares its attributes in another form.");
  }
  return [...new Map(conventions)].sort(([one], [other]) => (one < other ? -1 : 1));
}

function readComment(comment: string): Convention {
  const [brief = "", ...tags] = comment.replaceAll(/^ \* ?/gm, "").split(/^@/m);
  const find = (name: string) =>
    tags.find((tag) => tag.startsWith(`${name} `))?.slice(name.length + 1);
  const example = find("example")?.trim();
  const deprecated = find("deprecated");
  return {
    brief: firstSentence(brief),
    ...(example === undefined ? {} : { example }),
    ...(deprecated === undefined ? {} : { deprecated: firstSentence(deprecated) }),
  };
}

/** In plain words: without Markdown's links and marks. */
function firstSentence(text: string): string {
  const plain = text
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/[`*]|\{@link (\w+)\}/g, "$1")
    .replaceAll(/\s+/g, " ")
    .trim();
  const [first = ""] = plain.split(/(?<=(?<!e\.g|i\.e|etc)\.) (?=[A-Z])/);
  return first.endsWith(".") || first === "" ? first : `${first}.`;
}
