import { logEvents, spans } from "#miniserve";
import type { Generation, Job } from "./job.ts";

/** format.output: puts the answer into the form that the client asked for. */
export function formatOutput(
  { trace, log, parameters, output }: Job,
  generation: Generation,
): Promise<void> {
  const { tokensOut } = generation;
  const outputFormat = parameters.jsonSchema === undefined ? "text" : "json";
  return trace.stage(spans.format, { outputFormat }, async (stage) => {
    await output.finish(generation);
    log(logEvents.outputFormatted, { outputFormat, tokensOut });
    return stage.done(undefined, { tokensOut });
  });
}
