import type { Board } from "../boards/board.ts";

/** What boards were read from: a file, or a dashboard of a Grafana. */
export interface AuditedSource {
  /** A path as it was given, or the address of a page in Grafana. */
  readonly place: string;
  /** The text of a file. Nothing of a Grafana has lines. */
  readonly text?: string;
  readonly boards: readonly Board[];
}

/** What was found but cannot be read. */
export interface UnreadSource {
  readonly place: string;
  readonly reason: string;
}

export interface ReadSources {
  readonly sources: readonly AuditedSource[];
  readonly unread: readonly UnreadSource[];
  /** Files that hold nothing to judge. */
  readonly others: number;
}
