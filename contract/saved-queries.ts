import { ownQueries } from "./queries/index.ts";
import { emptyAnswerQueries } from "./saved-queries/empty-answers.ts";
import { longAnswerQueries } from "./saved-queries/long-answers.ts";
import { requestQueries } from "./saved-queries/requests.ts";
import { retrievalQueries } from "./saved-queries/retrieval.ts";
import { speedQueries } from "./saved-queries/speed.ts";
import type { Terms } from "./saved-queries/terms.ts";
import { waitingQueries } from "./saved-queries/waiting.ts";

/**
 * The questions that are asked of miniserve's traces again and again. Those that any contract has are
 * in `queries/`: failed stages, outcomes, slow requests, orphans, incomplete trees, broken sums.
 */
export const savedQueries = ownQueries<Terms>((save) => [
  ...emptyAnswerQueries(save),
  ...longAnswerQueries(save),
  ...requestQueries(save),
  ...waitingQueries(save),
  ...speedQueries(save),
  ...retrievalQueries(save),
]);
