import { getServiceName, type Services } from "#contract";
import { CodedError } from "#errors";
import { miniserve } from "#miniserve";
import {
  checkStack,
  chosenServices,
  findConfiguration,
  findTempo,
  type LoadedConfiguration,
  loadConfiguration,
  readStackConfig,
  type StackConfig,
  StackError,
  type StackHealth,
} from "../../stack/index.ts";
import { parseSeconds } from "../query/arguments.ts";
import type { DoctorOptions } from "./options.ts";

/** What was wanted, or why it cannot be had. */
export type Attempt<Value> = Value | CodedError;

/** A store that answers, and what it is asked with, where it needs that. */
export interface AskedStore {
  readonly tempoUrl: string;
  readonly authorization: string | undefined;
  /** What a command needs to ask the same one: ` --tempo URL`, or nothing for the running stack's. */
  readonly option: string;
}

/** What the checks look at. */
export interface Subject {
  readonly options: DoctorOptions;
  readonly config: Attempt<StackConfig>;
  readonly configuration: Attempt<LoadedConfiguration>;
  readonly services: Attempt<Services>;
  /** Whether the configuration has the server that comes with this project. */
  readonly hasServer: boolean;
  /** How the running stack is; undefined where the settings do not say which. */
  readonly health: StackHealth | undefined;
  /** Undefined where no stack runs and none was named. */
  readonly store: Attempt<AskedStore> | undefined;
  readonly since: string;
  readonly sinceSeconds: number;
}

/** @throws StackError `usage_invalid`. */
export async function readSubject(options: DoctorOptions): Promise<Subject> {
  const { since = "24h" } = options;
  const sinceSeconds = parseSeconds(since);
  const config = await attempt(() => readStackConfig());
  const configuration = await attempt(() =>
    loadConfiguration({ config: findConfiguration(options, fileOf(config)) }),
  );
  const services = await attempt(() =>
    chosenServices({ ...options, config: findConfiguration(options, fileOf(config)) }),
  );
  const health = isHad(config) ? await checkStack(config.directory) : undefined;
  return {
    options,
    config,
    configuration,
    services,
    hasServer: isHad(services) && services.some(({ name }) => name === getServiceName(miniserve)),
    health,
    store: await findStore(options, config, health),
    since,
    sinceSeconds,
  };
}

/** With settings that cannot be used, the configuration is still that of the checkout. */
function fileOf(config: Attempt<StackConfig>): string {
  return isHad(config) ? config.configuration : findConfiguration({}, "miniserve.config.ts");
}

async function findStore(
  { tempo }: DoctorOptions,
  config: Attempt<StackConfig>,
  health: StackHealth | undefined,
): Promise<Subject["store"]> {
  const address = tempo ?? health?.state?.tempoUrl;
  if (address === undefined) {
    return undefined;
  }
  const own =
    tempo === undefined ? health?.children.find(({ name }) => name === "store") : undefined;
  if (own !== undefined && own.condition !== "ready") {
    // It has been asked a moment ago, and nobody waits for it a second time.
    return new StackError("store_unreachable", { address, reason: `it is ${own.condition}` });
  }
  return await attempt(async () => {
    const { url, authorization } = await findTempo(
      isHad(config) ? config : readStackConfig({}),
      address,
    );
    const option = tempo === undefined ? "" : ` --tempo ${url}`;
    return { tempoUrl: url, authorization, option };
  });
}

/** The value, or the error with a code that was thrown instead. */
async function attempt<Value>(work: () => Value | Promise<Value>): Promise<Attempt<Value>> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CodedError) {
      return error;
    }
    throw error;
  }
}

/** Whether it was had. */
export function isHad<Value>(attempted: Attempt<Value> | undefined): attempted is Value {
  return attempted !== undefined && !(attempted instanceof CodedError);
}
