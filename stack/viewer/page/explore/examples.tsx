import { miniserve, traceql } from "#contract";
import type { RawRange } from "../../data/dashboard.ts";
import { exploreAddress } from "../../data/explore-address.ts";

const requests = traceql(miniserve).spans("handler");

/** Queries to begin with. */
const examples: readonly { readonly title: string; readonly text: string }[] = [
  {
    title: "The newest requests, with how they ended",
    text: requests.select("outcome", "timeToFirstTokenUs").with({ mostRecent: true }).text,
  },
  { title: "Everything that took longer than five seconds", text: "{ duration > 5s }" },
  { title: "Everything that failed", text: "{ status = error }" },
  {
    title: "How long each stage takes, over time",
    text: "{ } | quantile_over_time(duration, .5, .95) by (name)",
  },
  { title: "Requests a second, by outcome", text: requests.rate().by("outcome").text },
];

interface ExamplesProps {
  readonly raw: RawRange;
  readonly tempo: { readonly uid: string; readonly type: string };
}

/** What stands where no answer is yet. */
export function Examples({ raw, tempo }: ExamplesProps) {
  const { uid, type } = tempo;
  return (
    <section class="examples" aria-label="Examples">
      <h2>Write a query, choose a saved one, or begin with one of these</h2>
      <ul>
        {examples.map(({ title, text }) => (
          <li key={text}>
            <a href={exploreAddress({ datasource: { uid, type }, query: text, limit: 20 }, raw)}>
              {title}
            </a>
            <code>{text}</code>
          </li>
        ))}
      </ul>
      <p class="weak">A trace's id works, too.</p>
    </section>
  );
}
