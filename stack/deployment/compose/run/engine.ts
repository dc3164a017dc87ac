import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { childEnvironment } from "../../../config.ts";
import { pinnedImages } from "./project.ts";

/** A container engine whose Compose can be called. */
export interface Engine {
  readonly command: "docker" | "podman";
  readonly version: string;
}

const answerLimitMs = 10_000;

/** The engine of this machine, if one answers and has Compose; Docker before Podman. */
export async function findEngine(): Promise<Engine | undefined> {
  for (const command of ["docker", "podman"] as const) {
    const info = await call(command, ["info", "--format", "{{json .}}"], {
      limitMs: answerLimitMs,
    });
    if (info.exitCode !== 0) {
      continue;
    }
    const compose = await call(command, ["compose", "version", "--short"], {
      limitMs: answerLimitMs,
    });
    if (compose.exitCode === 0) {
      return { command, version: compose.output.trim().split("\n").at(-1) ?? "" };
    }
  }
  return undefined;
}

/** Whether all images of the stack are there, so that none is fetched at the start. */
export async function hasImages({ command }: Engine): Promise<boolean> {
  const words = ["image", "inspect", ...pinnedImages()];
  return (await call(command, words, { limitMs: answerLimitMs })).exitCode === 0;
}

export interface CallOptions {
  readonly limitMs: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Ends it before. */
  readonly interruption?: AbortSignal;
}

export interface CallEnd {
  readonly exitCode: number;
  /** What it wrote, stdout before stderr. */
  readonly output: string;
}

/** Runs a program to its end. One that is not there, or takes too long, ends with -1. */
export async function call(
  command: string,
  words: readonly string[],
  { limitMs, environment = {}, interruption }: CallOptions,
): Promise<CallEnd> {
  const child = spawn(command, words, {
    env: childEnvironment(environment),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = () => child.kill("SIGTERM");
  const limit = setTimeout(stop, limitMs);
  interruption?.addEventListener("abort", stop, { once: true });
  const ended = new Promise<number>((resolve) => {
    child.once("error", () => resolve(-1));
    child.once("close", (code) => resolve(code ?? -1));
  });
  const [exitCode, ...outputs] = await Promise.all([
    ended,
    text(child.stdout).catch(() => ""),
    text(child.stderr).catch(() => ""),
  ]);
  clearTimeout(limit);
  interruption?.removeEventListener("abort", stop);
  return { exitCode, output: outputs.join("") };
}
