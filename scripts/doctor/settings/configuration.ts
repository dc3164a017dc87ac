import { relative } from "node:path";
import { checkout, namedVariable } from "../../../stack/index.ts";
import { type Check, fine } from "../check.ts";
import { isHad, type Subject } from "../subject.ts";

export function configurationCheck({ configuration, services, options }: Subject): Check {
  return {
    name: "Configuration",
    why: "It names the services that store, dashboards and commands are made for.",
    look: () => {
      if (!isHad(configuration)) {
        return configuration;
      }
      if (!isHad(services)) {
        return services;
      }
      const { file } = configuration;
      const names = configuration.services.map(({ name }) => name).join(", ");
      const isOfShell =
        options.config === undefined && namedVariable("MINISERVE_CONFIG") !== undefined;
      const shown = relative(checkout, file).startsWith("..") ? file : relative(checkout, file);
      return fine(`${shown}${isOfShell ? ", by MINISERVE_CONFIG" : ""}: ${names}.`);
    },
  };
}
