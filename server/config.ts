import {
  type Environment,
  readSettings,
  type SettingValues,
  serverSettings,
  stackSettings,
} from "#settings";

/** What the server is started with. No other file under server/ reads the environment. */
export interface Configuration extends SettingValues<typeof serverSettings> {
  /** The whole environment, for the parts of OpenTelemetry's specification that its SDK leaves out. */
  readonly environment: Environment;
}

/** One variable that cannot be used. The value itself is left out: it may be a secret. */
export interface ConfigurationFault {
  readonly variable: string;
  readonly reason: string;
}

export type ConfigurationResult =
  | { readonly configuration: Configuration }
  | { readonly faults: readonly ConfigurationFault[] };

/** Reads and checks every setting. All faults are reported. */
export function readConfiguration(environment: Environment = process.env): ConfigurationResult {
  const { values, faults: wrong } = readSettings(serverSettings, environment);
  const faults: ConfigurationFault[] = [
    ...unknownVariables(environment),
    ...wrong.map(({ variable, takes }) => ({
      variable,
      reason: `It takes ${takes}, and holds something else.`,
    })),
  ];
  if (isAnyAddress(values.MINISERVE_HOST) && !environment.MINISERVE_ALLOWED_HOSTS?.trim()) {
    const reason = "To listen on all addresses, say by which names clients may call the server.";
    faults.push({ variable: "MINISERVE_ALLOWED_HOSTS", reason });
  }
  if (values.MINISERVE_HEADERS_TIMEOUT_MS > values.MINISERVE_RECEIVE_TIMEOUT_MS) {
    const reason =
      "The headers are a part of the request: set MINISERVE_RECEIVE_TIMEOUT_MS to more.";
    faults.push({ variable: "MINISERVE_HEADERS_TIMEOUT_MS", reason });
  }
  return faults.length > 0 ? { faults } : { configuration: { ...values, environment } };
}

function isAnyAddress(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

/** A misspelt setting would otherwise be ignored, and its default used in silence. */
function unknownVariables(environment: Environment): ConfigurationFault[] {
  const known = { ...serverSettings, ...stackSettings };
  return Object.keys(environment)
    .filter((name) => /^MINISERVE_[A-Z0-9_]+$/.test(name) && !Object.hasOwn(known, name))
    .map((variable) => ({
      variable,
      reason: "There is no such setting; docs/generated/settings.md lists them all.",
    }));
}
