import type { GenerateFiles } from "#contract";
import { createContext } from "./context.ts";
import { oneRequest } from "./one-request.ts";
import { overview } from "./overview.ts";
import { pipeline } from "./pipeline.ts";
import { savedQueries } from "./saved-queries.ts";
import { spanAttributes } from "./span-attributes.ts";

/** The dashboards for Grafana. */
export const generatedFiles: GenerateFiles = (contract) => {
  const board = createContext(contract);
  return [overview, spanAttributes, savedQueries, oneRequest, pipeline].map((dashboard) =>
    dashboard(board),
  );
};
