import { existsSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type Configuration,
  type Contract,
  DefinitionError,
  type Service,
  type Services,
} from "#contract";
import { StackError } from "./command/stack-error.ts";
import { checkout, readStackConfig } from "./config.ts";

/** The options of a command that works on the services of a configuration. */
export const serviceOptions = {
  service: {
    type: "string",
    value: "NAME",
    does: "The service, if not the only one, or all, of the configuration.",
  },
  config: {
    type: "string",
    value: "FILE",
    does: "The configuration (MINISERVE_CONFIG, miniserve.config.ts).",
  },
} as const;

export interface ServiceChoice {
  readonly service?: string;
  readonly config?: string;
}

/** A configuration as it was read. */
export interface LoadedConfiguration extends Configuration {
  readonly file: string;
  /** Where its generated files are. */
  readonly folder: string;
}

/** The file with the configuration, absolute: of the option, else of the setting. */
export function findConfiguration({ config }: ServiceChoice = {}, setting?: string): string {
  return config === undefined ? (setting ?? readStackConfig().configuration) : resolve(config);
}

/**
 * Reads a configuration.
 * @throws StackError `services_unreadable`, or `contracts_invalid` with every contradiction.
 */
export async function loadConfiguration(choice: ServiceChoice = {}): Promise<LoadedConfiguration> {
  const file = findConfiguration(choice);
  const shown = relative(process.cwd(), file) || file;
  if (!existsSync(file)) {
    throw new StackError("services_unreadable", { file: shown, reason: "there is no such file." });
  }
  resolveOwnName();
  const configuration = await importConfiguration(file, shown);
  return { ...configuration, file, folder: dirname(file) };
}

async function importConfiguration(file: string, shown: string): Promise<Configuration> {
  let loaded: { readonly default?: Partial<Configuration> };
  try {
    loaded = await import(pathToFileURL(file).href);
  } catch (error) {
    if (error instanceof DefinitionError) {
      throw new StackError("contracts_invalid", { file: shown, details: error.issues });
    }
    const [reason = ""] = String((error as Error).message).split("\n");
    throw new StackError("services_unreadable", { file: shown, reason });
  }
  const [first, ...more] = loaded.default?.services ?? [];
  if (first?.contract === undefined) {
    const reason = "it has no default export with services.";
    throw new StackError("services_unreadable", { file: shown, reason });
  }
  return { services: [first, ...more] };
}

/**
 * The services that a command works on: the one that was named, else all.
 * @throws StackError `service_unknown`; what `loadConfiguration` throws.
 */
export async function chosenServices(choice: ServiceChoice = {}): Promise<Services> {
  const { services, file } = await loadConfiguration(choice);
  const { service } = choice;
  if (service === undefined) {
    return services;
  }
  const found = services.find(({ name, id }) => name === service || id === service);
  if (found === undefined) {
    throw new StackError("service_unknown", { name: service, ...names(services, file) });
  }
  return [found];
}

function names(services: readonly Service[], file: string) {
  return {
    file: relative(process.cwd(), file) || file,
    known: services.map(({ name }) => name).join(", "),
  };
}

/**
 * The contract that a module exports.
 * @throws StackError `contract_unreadable`.
 */
export async function loadContract(file: string): Promise<Contract> {
  const shown = relative(process.cwd(), file) || file;
  const unreadable = (reason: string) =>
    new StackError("contract_unreadable", { file: shown, reason });
  resolveOwnName();
  let loaded: Readonly<Record<string, unknown>>;
  try {
    loaded = await import(pathToFileURL(file).href);
  } catch (error) {
    throw unreadable(
      String((error as Error).message)
        .split("\n")
        .join(" "),
    );
  }
  const found = Object.values(loaded).find(isContract);
  if (found === undefined) {
    throw unreadable("it exports no contract.");
  }
  return found;
}

function isContract(value: unknown): value is Contract {
  return typeof value === "object" && value !== null && "tracerName" in value && "spans" in value;
}

let isResolved = false;

/** A configuration outside this checkout imports `miniserve/contract` as one within does. */
function resolveOwnName(): void {
  if (isResolved) {
    return;
  }
  isResolved = true;
  const { name, exports } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
  registerHooks({
    resolve: (specifier, context, next) => {
      const file = specifier.startsWith(`${name}/`)
        ? exports[`.${specifier.slice(name.length)}`]
        : undefined;
      // Not by the name of the importer: a loader for TypeScript may look for packages by itself.
      return file === undefined
        ? next(specifier, context)
        : { url: pathToFileURL(join(checkout, file)).href, shortCircuit: true };
    },
  });
}
