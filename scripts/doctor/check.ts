import type { CodedError } from "#errors";

/** What a check saw: that something is fine, why it cannot be looked at, or what is wrong. */
export type Seen =
  | { readonly mark: "fine" | "skipped"; readonly sentence: string }
  /** A problem, or only a warning where its exit code is 0. */
  | CodedError;

export interface Check {
  readonly name: string;
  /** Why it matters, in a sentence that is shown under what is wrong. */
  readonly why: string;
  /** What it throws as a CodedError is a finding too. It changes nothing. */
  readonly look: () => Seen | readonly Seen[] | Promise<Seen | readonly Seen[]>;
}

export interface CheckGroup {
  readonly title: string;
  readonly checks: readonly Check[];
}

export function fine(sentence: string): Seen {
  return { mark: "fine", sentence };
}

export function skipped(sentence: string): Seen {
  return { mark: "skipped", sentence };
}

/** The findings, or that all is fine when there are none. */
export function orFine(findings: readonly Seen[], sentence: string): readonly Seen[] {
  return findings.length > 0 ? findings : [fine(sentence)];
}
