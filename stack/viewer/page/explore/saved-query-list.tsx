import { useState } from "preact/hooks";
import { miniserve, type SavedQuery, savedQueriesOf } from "#contract";
import { addressOfState, type ExploreState } from "../../data/explore/explore-state.ts";
import type { Datasource } from "../../data/provisioned.ts";

interface SavedQueryListProps {
  readonly state: ExploreState;
  readonly datasource: Datasource;
}

const saved = savedQueriesOf(miniserve);

/** The saved queries of the contract, each with what it asks and what to do when it finds something. */
export function SavedQueryList({ state, datasource }: SavedQueryListProps) {
  const [words, setWords] = useState("");
  const wanted = words.trim().toLowerCase();
  const found = saved.filter(({ title, question, tags }) =>
    `${title} ${question} ${tags.join(" ")}`.toLowerCase().includes(wanted),
  );
  return (
    <aside class="saved-queries" aria-label="Saved queries">
      <h2>Saved queries</h2>
      <input
        type="search"
        aria-label="Search the saved queries"
        placeholder="Search"
        value={words}
        onInput={(event) => setWords(event.currentTarget.value)}
      />
      <ul>
        {found.map((query) => (
          <Entry key={query.id} query={query} state={state} datasource={datasource} />
        ))}
      </ul>
      {found.length === 0 && <p class="weak">No saved query has these words.</p>}
    </aside>
  );
}

interface EntryProps extends SavedQueryListProps {
  readonly query: SavedQuery;
}

function Entry({ query, state, datasource }: EntryProps) {
  const { title, question, action, severity, parameters, table, count } = query;
  const at = (text: string, metricsQueryType = state.metricsQueryType) =>
    addressOfState({ ...state, query: text, metricsQueryType }, datasource);
  const isCurrent = state.query === table || state.query === count;
  return (
    <li class={isCurrent ? "current" : ""} data-query-id={query.id}>
      <a href={at(table)} aria-current={isCurrent ? "true" : undefined}>
        {title}
      </a>
      <span class={`severity severity-${severity}`}>{severity}</span>
      <p>{question}</p>
      <details open={isCurrent}>
        <summary>What to do</summary>
        <p>{action}</p>
        <dl>
          {Object.entries(parameters).map(([name, { meaning, unit, ...parameter }]) => (
            <div key={name}>
              <dt>
                {name} = {String(parameter.default)} {unit?.replaceAll(/[{}]/g, "")}
              </dt>
              <dd class="weak">{meaning}</dd>
            </div>
          ))}
        </dl>
        {count !== null && <a href={at(count, "range")}>Count them over time</a>}
      </details>
    </li>
  );
}
