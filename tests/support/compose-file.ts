/** The Compose specification, as far as the Compose file of this project uses it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

export interface ComposeFile {
  readonly name: string;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, object>>;
  readonly networks: Readonly<Record<string, object>>;
}

export interface ComposeService {
  readonly image: string;
  readonly build?: object;
  readonly profiles?: readonly string[];
  readonly command?: readonly string[];
  readonly user: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes: readonly Mount[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly restart: string;
  readonly stop_grace_period: string;
  readonly mem_limit: string;
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly cap_add?: readonly string[];
  readonly networks?: readonly string[];
  readonly logging: object;
}

export type Mount =
  | {
      readonly type: "bind";
      readonly source: string;
      readonly read_only?: boolean;
      readonly bind?: { readonly create_host_path?: boolean };
    }
  | { readonly type: "volume"; readonly source: string };

export const composeFolder = join(import.meta.dirname, "../../stack/deployment/compose");

export function readComposeText(): string {
  return readFileSync(join(composeFolder, "compose.yaml"), "utf8");
}

export function readComposeFile(): ComposeFile {
  return parse(readComposeText(), { merge: true });
}
