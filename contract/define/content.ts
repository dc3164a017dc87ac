/**
 * Keys for what a user or a model wrote. The log redactor drops every field with such a key, at any
 * depth and in any case, so no contract may declare one. Note that "context" contains "text".
 */
export const contentKey = /prompt|completion|messages|text/i;

type ContentWord = "prompt" | "completion" | "messages" | "text";

/** The key, or never if it stands for content: such a field does not compile. */
export type WithoutContent<Key extends string> =
  Lowercase<Key> extends `${string}${ContentWord}${string}` ? never : Key;

/** Returns what is wrong with a key that stands for content, or undefined. */
export function contentFault(key: string): string | undefined {
  const word = contentKey.exec(key)?.[0];
  return word && `${key} has "${word}" in it, which stands for content and is redacted`;
}
