/** The Compose specification, as far as this project writes it. */
export interface ComposeFile {
  readonly name: string;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, Record<never, never>>>;
  readonly networks: Readonly<Record<string, Record<never, never>>>;
}

export interface ComposeService {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly profiles?: readonly string[];
  readonly command?: readonly string[];
  readonly user: string;
  readonly group_add?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** `127.0.0.1:HOST:CONTAINER`. */
  readonly ports?: readonly string[];
  readonly volumes: readonly Mount[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: Condition }>>;
  readonly healthcheck?: {
    readonly test: readonly string[];
    readonly interval: string;
    readonly timeout: string;
    readonly retries: number;
    readonly start_period: string;
  };
  readonly restart: "unless-stopped" | "no";
  readonly stop_grace_period: string;
  readonly mem_limit: string;
  readonly read_only: boolean;
  readonly tmpfs?: readonly string[];
  readonly cap_drop: readonly ["ALL"];
  readonly cap_add?: readonly string[];
  readonly security_opt: readonly ["no-new-privileges:true"];
  readonly networks?: readonly string[];
  readonly network_mode?: "none";
  readonly logging: {
    readonly driver: "json-file";
    readonly options: Readonly<Record<"max-size" | "max-file", string>>;
  };
}

type Condition = "service_started" | "service_healthy" | "service_completed_successfully";

export type Mount =
  | {
      readonly type: "bind";
      /** From the folder of the file. */
      readonly source: string;
      readonly target: string;
      readonly read_only: true;
      /** A folder that is missing is an error, and not made as root. */
      readonly bind: { readonly create_host_path: false };
    }
  | { readonly type: "volume"; readonly source: string; readonly target: string };
