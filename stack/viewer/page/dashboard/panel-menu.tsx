import type { PanelJson } from "../../data/dashboard.ts";
import { exploreAddress } from "../../data/explore-address.ts";
import { formatText } from "../../data/units.ts";
import { changeParameters } from "../routing/address.ts";
import { Icon } from "../shell/icon.tsx";
import { Popover } from "../shell/popover.tsx";
import { useDashboard } from "./dashboard-context.ts";
import type { PanelState } from "./use-panel-data.ts";

interface PanelMenuProps {
  readonly panel: PanelJson;
  readonly title: string;
  readonly state: PanelState;
  readonly isAlone: boolean;
}

/** The query of a panel, a way to Explore with it, and the panel alone. */
export function PanelMenu({ panel, title, state, isAlone }: PanelMenuProps) {
  const { raw } = useDashboard();
  return (
    <Popover
      class="quiet panel-menu"
      label={`Query and links of ${title || panel.type}`}
      button={<Icon name="dots" />}
    >
      {() => (
        <div class="menu">
          <ul class="menu-actions">
            {state.queries
              .filter(({ request }) => request.kind !== "logs")
              .map(({ target, datasource, request }) => (
                <li key={target.refId}>
                  <a
                    href={exploreAddress(
                      {
                        datasource,
                        query: request.query,
                        ...(target.metricsQueryType === undefined
                          ? {}
                          : { metricsQueryType: target.metricsQueryType }),
                        ...(target.limit === undefined ? {} : { limit: target.limit }),
                        ...(target.spss === undefined ? {} : { spss: target.spss }),
                      },
                      raw,
                    )}
                  >
                    <Icon name="explore" /> Open in Explore
                  </a>
                </li>
              ))}
            {panel.id !== undefined && (
              <li>
                <button
                  type="button"
                  class="choice"
                  onClick={() =>
                    changeParameters({ viewPanel: isAlone ? undefined : String(panel.id) })
                  }
                >
                  <Icon name="view" /> {isAlone ? "All panels" : "View alone"}
                </button>
              </li>
            )}
          </ul>
          {state.queries.map((query) => (
            <Query key={query.target.refId} query={query.request.query} address={query.address} />
          ))}
          {state.queries.length === 0 && <p class="weak">It asks nothing.</p>}
          {state.data !== undefined && state.queries.length > 0 && (
            <p class="weak">Answered in {formatText(state.data.tookMs, "ms")}.</p>
          )}
        </div>
      )}
    </Popover>
  );
}

function Query({ query, address }: { readonly query: string; readonly address: string }) {
  return (
    <div class="query">
      <pre>{query}</pre>
      <button
        type="button"
        class="button quiet"
        onClick={() => void navigator.clipboard.writeText(query)}
      >
        <Icon name="copy" /> Copy the query
      </button>
      <a href={address} target="_blank" rel="noreferrer">
        Its answer as JSON
      </a>
    </div>
  );
}
