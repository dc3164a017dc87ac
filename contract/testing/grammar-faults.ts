import { parser } from "@grafana/lezer-traceql";

/** For tests: where Grafana's grammar of TraceQL finds a fault, in characters from the beginning. */
export function grammarFaults(text: string): number[] {
  const faults: number[] = [];
  parser.parse(text).iterate({
    enter: ({ type, from }) => {
      if (type.isError) {
        faults.push(from);
      }
    },
  });
  return faults;
}
