import { availableParallelism } from "node:os";

/**
 * How many threads evaluate tokens: what was asked for, but never more than the CPUs that this
 * process may use, because llama.cpp's threads wait for each other by spinning: one that gets no
 * CPU makes a step ten to a hundred times slower. libuv counts CPU affinity and container limits.
 *
 * "auto" leaves one CPU to the event loop and to neighbours: on two CPUs with one busy neighbour,
 * two threads took 4 to 8 times as long for a step as one thread; on two idle CPUs they gained
 * nothing in a step and made the evaluation of a prompt 1.8 times faster.
 */
export function chooseThreadCount(
  wanted: number | "auto",
  availableCpus: number = availableParallelism(),
): number {
  const count = wanted === "auto" ? availableCpus - 1 : Math.floor(wanted);
  return Math.min(Math.max(count, 1), availableCpus);
}
