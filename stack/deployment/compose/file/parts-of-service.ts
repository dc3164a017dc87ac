import type { ComposeService, Mount } from "./model.ts";

type Given = Omit<
  ComposeService,
  "restart" | "read_only" | "cap_drop" | "security_opt" | "logging"
> &
  Partial<Pick<ComposeService, "restart">>;

/**
 * A service with what all have in common: no rights, a root that is not written to, bounded output, and a
 * restart whatever its exit code was, since Tempo ends with 0 when a part of it fails.
 */
export function service(given: Given): ComposeService {
  return {
    ...given,
    restart: given.restart ?? "unless-stopped",
    read_only: true,
    cap_drop: ["ALL"],
    security_opt: ["no-new-privileges:true"],
    logging: { driver: "json-file", options: { "max-size": "10m", "max-file": "3" } },
  };
}

/** A file or folder of the checkout, read only. */
export function fromHost(source: string, target: string): Mount {
  return { type: "bind", source, target, read_only: true, bind: { create_host_path: false } };
}

export function volume(source: string, target: string): Mount {
  return { type: "volume", source, target };
}

/** On this machine only. The variable sets the port of the host. */
export function published(variable: string, fallback: number, port: number): string {
  return `127.0.0.1:\${${variable}:-${fallback}}:${port}`;
}

/** Often, as long as a person waits for it; then less. */
export function healthcheck(test: readonly string[]): NonNullable<ComposeService["healthcheck"]> {
  return {
    test: ["CMD", ...test],
    interval: "10s",
    timeout: "6s",
    retries: 6,
    start_period: "60s",
  };
}
