import type { RefObject } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { PanelJson } from "../../data/dashboard.ts";
import { exploreAddress } from "../../data/explore/explore-state.ts";
import { computed } from "../../data/expressions.ts";
import { configureFields } from "../../data/field-config.ts";
import { interpolate } from "../../data/interpolation.ts";
import { createInterpolation } from "../../data/links.ts";
import { transform } from "../../data/transformations.ts";
import { formatText } from "../../data/units.ts";
import { findShape } from "../panels/shapes.ts";
import { changeParameters } from "../routing/address.ts";
import { Icon } from "../shell/icon.tsx";
import { Boundary } from "../shell/message.tsx";
import { Popover } from "../shell/popover.tsx";
import { useTheme } from "../shell/theme.ts";
import { useDashboard } from "./dashboard-context.ts";
import { askPanel, listQueries, type PanelData, type PanelQuery } from "./panel-data.ts";

interface PanelFrameProps {
  readonly panel: PanelJson;
  /** Whether it fills the page. */
  readonly isAlone: boolean;
}

/** A panel. One that cannot be drawn says why in its place. */
export function PanelFrame(props: PanelFrameProps) {
  const { panel } = props;
  return (
    <Boundary
      round={panel}
      fallback={(error) => (
        <article class="panel" aria-label="Panel" data-panel={panel.id} data-state="error">
          <div class="panel-body">
            <p class="nothing error" role="alert">
              This panel cannot be drawn: {String(error.message)}
            </p>
          </div>
        </article>
      )}
    >
      <Panel {...props} />
    </Boundary>
  );
}

/** Its title, its menu, and in its body what it shows or why it does not. */
function Panel({ panel, isAlone }: PanelFrameProps) {
  const element = useRef<HTMLElement>(null);
  const isSeen = useSeen(element);
  const wasSeen = useOnce(isSeen);
  const state = usePanelData(panel, isSeen);
  const context = useDashboard();
  const title = interpolate(panel.title ?? "", createInterpolation(context));
  const prepared = usePrepared(panel, state);
  const isAsking = state.isLoading && isSeen && state.queries.length > 0;
  return (
    <article
      ref={element}
      class={`panel panel-${panel.type}${panel.transparent === true ? " transparent" : ""}`}
      aria-label={title || panel.type}
      aria-busy={isAsking}
      data-panel={panel.id}
      data-state={stateWord(state)}
    >
      {isAsking && <LoadingBar />}
      <header class="panel-header">
        <h3 title={title}>{title}</h3>
        {panel.description !== undefined && panel.description !== "" && (
          <Popover class="quiet" label={`What ${title} means`} button={<Icon name="info" />}>
            {() => <p class="description">{panel.description}</p>}
          </Popover>
        )}
        {prepared.unknown.length > 0 && (
          <Popover class="quiet warning" label="What is left out" button={<Icon name="warning" />}>
            {() => (
              <ul class="description">
                {prepared.unknown.map((sentence) => (
                  <li key={sentence}>{sentence}</li>
                ))}
              </ul>
            )}
          </Popover>
        )}
        <span class="spread" />
        <PanelMenu panel={panel} title={title} state={state} isAlone={isAlone} />
      </header>
      <div class="panel-body">
        {wasSeen && <PanelBody panel={panel} state={state} frames={prepared.frames} />}
      </div>
    </article>
  );
}

const slowAfterMs = 2_000;

function LoadingBar() {
  const [isSlow, setIsSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsSlow(true), slowAfterMs);
    return () => clearTimeout(timer);
  }, []);
  return <div class={isSlow ? "loading-bar slow" : "loading-bar"} />;
}

function useOnce(condition: boolean): boolean {
  const [was, setWas] = useState(condition);
  useEffect(() => {
    if (condition) {
      setWas(true);
    }
  }, [condition]);
  return was || condition;
}

/** The frames of a panel, transformed and configured. */
function usePrepared(panel: PanelJson, { data }: PanelState) {
  return useMemo(() => {
    const { frames, unknown } = computed(data?.frames ?? [], panel.targets);
    const transformed = transform(frames, panel.transformations);
    const configured = configureFields(transformed.frames, panel.fieldConfig);
    const repeated =
      panel.repeat === undefined ? [] : [`It is not repeated for each ${panel.repeat} here.`];
    return {
      frames: configured.frames,
      unknown: [...unknown, ...transformed.unknown, ...configured.unknown, ...repeated],
    };
  }, [data, panel]);
}

interface PanelBodyProps {
  readonly panel: PanelJson;
  readonly state: PanelState;
  readonly frames: ReturnType<typeof usePrepared>["frames"];
}

function PanelBody({ panel, state, frames }: PanelBodyProps) {
  const theme = useTheme();
  const context = useDashboard();
  const shape = findShape(panel.type);
  if (shape === undefined) {
    return (
      <p class="nothing">
        The embedded viewer has no panels of the type “{panel.type}”. Grafana has.
      </p>
    );
  }
  if (state.askedOnlyInGrafana !== undefined) {
    return (
      <p class="elsewhere">
        Grafana asks {state.askedOnlyInGrafana} for this. The embedded viewer knows traces and log
        lines.
      </p>
    );
  }
  if (state.error !== undefined) {
    return (
      <p class="nothing error" role="alert">
        {state.error.message}
      </p>
    );
  }
  if (shape.asks && state.data === undefined) {
    return state.queries.length === 0 ? <Nothing panel={panel} /> : null;
  }
  const data = state.data ?? { frames: [], logs: [], trace: undefined, tookMs: 0, hints: [] };
  if (shape.isEmpty({ ...data, frames })) {
    return <Nothing panel={panel} />;
  }
  const { View } = shape;
  return <View panel={panel} frames={frames} data={data} context={context} theme={theme} />;
}

function Nothing({ panel }: { readonly panel: PanelJson }) {
  const { noValue } = panel.fieldConfig?.defaults ?? {};
  return <p class="nothing">{noValue || "No data in this time range"}</p>;
}

function stateWord({ error, isLoading, data, askedOnlyInGrafana }: PanelState): string {
  if (askedOnlyInGrafana !== undefined) {
    return "ready";
  }
  if (error !== undefined) {
    return "error";
  }
  if (isLoading) {
    return "loading";
  }
  return data === undefined ? "waiting" : "ready";
}

/** How far from the window a panel is when it begins to ask. */
const marginPx = 150;

/** Whether an element is in the window, or nearly. */
function useSeen(element: RefObject<HTMLElement | null>): boolean {
  const [isSeen, setIsSeen] = useState(false);
  useEffect(() => {
    const { current } = element;
    if (current === null) {
      return;
    }
    const observer = new IntersectionObserver(
      (entries) => setIsSeen(entries.at(-1)?.isIntersecting === true),
      { rootMargin: `${marginPx}px` },
    );
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return isSeen;
}

interface PanelMenuProps {
  readonly panel: PanelJson;
  readonly title: string;
  readonly state: PanelState;
  readonly isAlone: boolean;
}

/** The query of a panel, a way to Explore with it, and the panel alone. */
function PanelMenu({ panel, title, state, isAlone }: PanelMenuProps) {
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

interface PanelState {
  readonly queries: readonly PanelQuery[];
  /** Of the last answers; they stay while new ones are waited for. */
  readonly data: PanelData | undefined;
  readonly error: Error | undefined;
  readonly isLoading: boolean;
  /** The name of the datasource that would have to be asked and is only Grafana's. */
  readonly askedOnlyInGrafana: string | undefined;
}

interface Settled {
  readonly key: string;
  readonly data: PanelData | undefined;
  readonly error: Error | undefined;
}

/** Asks a panel's queries once it is seen, and anew whenever they or the time range change. */
function usePanelData(panel: PanelJson, isSeen: boolean): PanelState {
  const context = useDashboard();
  const queries = useMemo(() => listQueries(panel, context), [panel, context]);
  const key = `${context.refreshes} ${queries.map(({ address }) => address).join(" ")}`;
  const [settled, setSettled] = useState<Settled>();
  const { toMs } = context.range;
  const { askedOnlyInGrafana } = queries.find((query) => query.askedOnlyInGrafana) ?? {};
  const isSettled = askedOnlyInGrafana !== undefined || settled?.key === key;
  const isDue = isSeen && !isSettled;
  useEffect(() => {
    if (!isDue) {
      return;
    }
    const controller = new AbortController();
    askPanel(queries, toMs, controller.signal).then(
      (data) => setSettled({ key, data, error: undefined }),
      (error: Error) => {
        if (!controller.signal.aborted) {
          setSettled((before) => ({ key, data: before?.data, error }));
        }
      },
    );
    return () => controller.abort();
  }, [key, isDue]);
  return {
    queries,
    data: settled?.data,
    error: settled?.key === key ? settled.error : undefined,
    isLoading: !isSettled,
    askedOnlyInGrafana,
  };
}
