/** The ports of the stack; 0 takes any that is free. */
export interface EmbeddedPorts {
  readonly tempo: number;
  readonly otlpGrpc: number;
  readonly otlpHttp: number;
}

export type EmbeddedErrorCode = "port_taken" | "port_not_allowed" | "port_failed";

/** A port that cannot be had. The message names the port, its setting and what to do. */
export class EmbeddedStackError extends Error {
  override readonly name = "EmbeddedStackError";
  readonly code: EmbeddedErrorCode;
  readonly port: number;
  /** The variable that sets the port. */
  readonly setting: string;

  constructor(options: {
    code: EmbeddedErrorCode;
    port: number;
    setting: string;
    message: string;
    cause: unknown;
  }) {
    super(options.message, { cause: options.cause });
    this.code = options.code;
    this.port = options.port;
    this.setting = options.setting;
  }
}

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
  const at = `Port ${port} of ${address} (${setting})`;
  const [errorCode, message] =
    code === "EADDRINUSE"
      ? ["port_taken" as const, `${at} is taken. Stop what uses it, or set ${setting}.`]
      : code === "EACCES"
        ? ["port_not_allowed" as const, `${at} is not allowed to you. Set ${setting} above 1023.`]
        : ["port_failed" as const, `${at} cannot be listened on: ${code}. Set ${setting}.`];
  return new EmbeddedStackError({ code: errorCode, port, setting, message, cause: error });
}
