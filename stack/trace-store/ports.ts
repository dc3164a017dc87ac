import { defineErrors } from "#errors";

/** The ports of the stack; 0 takes any that is free. */
export interface EmbeddedPorts {
  readonly tempo: number;
  readonly otlpGrpc: number;
  readonly otlpHttp: number;
}

interface Port {
  readonly at: string;
  /** The variable that sets the port. */
  readonly setting: string;
}

/** A port that cannot be had. */
export class EmbeddedStackError extends defineErrors("EmbeddedStackError", {
  port_taken: {
    message: ({ at, setting }: Port) => `Port ${at} (${setting}) is taken.`,
    hint: ({ setting }: Port) => `Stop what uses it, or set ${setting}.`,
  },
  port_not_allowed: {
    message: ({ at, setting }: Port) => `Port ${at} (${setting}) is not allowed to you.`,
    hint: ({ setting }: Port) => `Set ${setting} above 1023.`,
  },
  port_failed: {
    message: ({ at, setting, code }: Port & { code: string }) =>
      `Port ${at} (${setting}) cannot be listened on: ${code}.`,
    hint: ({ setting }: Port) => `Set ${setting}.`,
  },
}) {}

const settings = {
  tempo: "TEMPO_PORT",
  otlpGrpc: "OTLP_GRPC_PORT",
  otlpHttp: "OTLP_HTTP_PORT",
} as const satisfies Record<keyof EmbeddedPorts, string>;

/** An error of `listen` with its setting named; any other error as it is. */
export function namePort(error: unknown, ports: EmbeddedPorts): unknown {
  const { syscall, code, port, address } = error as NodeJS.ErrnoException & {
    port?: number;
    address?: string;
  };
  if (syscall !== "listen" || port === undefined) {
    return error;
  }
  const setting = (Object.keys(settings) as (keyof EmbeddedPorts)[])
    .filter((name) => ports[name] === port)
    .map((name) => settings[name])
    .join(" or ");
  const values = { at: `${port} of ${address}`, setting, cause: error };
  switch (code) {
    case "EADDRINUSE":
      return new EmbeddedStackError("port_taken", values);
    case "EACCES":
      return new EmbeddedStackError("port_not_allowed", values);
    default:
      return new EmbeddedStackError("port_failed", { ...values, code: String(code) });
  }
}
