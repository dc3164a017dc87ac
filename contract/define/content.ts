/**
 * Keys that stand for what a user or a model wrote. The redactor of the logs drops any field whose
 * key matches, at any depth and in any casing, so no contract may declare one: its value would never
 * be seen. Note that "context" has "text" in it.
 */
export const contentKey = /prompt|completion|messages|text/i;

type ContentWord = "prompt" | "completion" | "messages" | "text";

/** The key itself, or never when it stands for content: such a field does not compile. */
export type WithoutContent<Key extends string> =
  Lowercase<Key> extends `${string}${ContentWord}${string}` ? never : Key;

/** What is wrong with a key that stands for content, or undefined. */
export function contentFault(key: string): string | undefined {
  const word = contentKey.exec(key)?.[0];
  return word && `${key} has "${word}" in it, which stands for content and is redacted`;
}
