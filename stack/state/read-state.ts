import { readFileSync } from "node:fs";
import { z } from "zod";
import { stateFileOf } from "./state-file.ts";

const processRecord = z.object({ pid: z.number().int().positive(), startedAs: z.string() });

const childRecord = z.object({
  name: z.string(),
  phase: z.enum(["starting", "ready", "waiting", "stopping", "stopped"]),
  process: processRecord.nullable(),
  /** When it was started last, in ISO time. */
  startedAt: z.string().nullable(),
  restarts: z.number().int(),
  /** How it ended the last time that nobody had asked it to, in a sentence. */
  lastExit: z.object({ at: z.string(), sentence: z.string() }).nullable(),
});

const stackState = z.object({
  version: z.literal(1),
  phase: z.enum(["starting", "running", "stopping"]),
  driver: z.enum(["embedded", "compose"]),
  startedAt: z.string(),
  serverUrl: z.string().nullable(),
  /** Of the dashboards. A state from before there was a viewer has none. */
  viewerUrl: z.string().nullable().default(null),
  tempoUrl: z.string(),
  otlpGrpcUrl: z.string(),
  otlpHttpUrl: z.string(),
  /** In containers: the parts by name, with the address that says whether each is ready. */
  parts: z.record(z.string(), z.string()).optional(),
  logFile: z.string().nullable(),
  /** The settings that it was started with, as digests. A state from before has none. */
  settings: z.record(z.string(), z.string()).optional(),
  /** The `stack:up` that starts the stack, until it has. */
  starter: processRecord.nullable(),
  supervisor: processRecord.nullable(),
  children: z.array(childRecord),
});

export type ChildRecord = z.infer<typeof childRecord>;

/** What `stack.json` says about the stack that runs, or ran. */
export type StackState = z.infer<typeof stackState>;

/** The state on disk; "unreadable" for a file that is not ours, undefined when there is none. */
export function readState(directory: string): StackState | "unreadable" | undefined {
  try {
    const parsed = stackState.safeParse(JSON.parse(readFileSync(stateFileOf(directory), "utf8")));
    return parsed.success ? parsed.data : "unreadable";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : "unreadable";
  }
}
