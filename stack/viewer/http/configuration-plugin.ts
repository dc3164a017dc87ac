import { join } from "node:path";
import type { Plugin } from "esbuild";

/**
 * Puts a configuration in the place of `#configuration`, and this checkout's contract in that of
 * `miniserve/contract`, which a configuration outside the checkout cannot find by itself.
 * @param configuration the file that names the services, absolute.
 */
export function configurationPlugin(checkout: string, configuration: string): Plugin {
  return {
    name: "configuration",
    setup: ({ onResolve }) => {
      onResolve({ filter: /^#configuration$/ }, () => ({ path: configuration }));
      onResolve({ filter: /^miniserve\/contract$/ }, () => ({
        path: join(checkout, "contract", "index.ts"),
      }));
    },
  };
}
