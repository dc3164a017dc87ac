import type { GeneratedFile, Service } from "#contract";
import { createContext } from "./context.ts";
import { oneRequest } from "./one-request.ts";
import { overview } from "./overview.ts";
import { loadOwnRows } from "./own-rows.ts";
import { pipeline } from "./pipeline.ts";
import { savedQueries } from "./saved-queries.ts";
import { spanAttributes } from "./span-attributes.ts";

/** The dashboards for Grafana, each service's in a folder of its own. */
export async function generatedFiles(services: readonly Service[]): Promise<GeneratedFile[]> {
  const files = await Promise.all(
    services.map(async (service) => {
      const board = createContext(service);
      const own = await loadOwnRows(service);
      return [
        overview(board, own),
        ...[spanAttributes, savedQueries, oneRequest, pipeline].map((dashboard) =>
          dashboard(board),
        ),
      ];
    }),
  );
  return files.flat();
}
