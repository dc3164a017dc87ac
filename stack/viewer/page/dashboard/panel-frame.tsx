import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { PanelJson } from "../../data/dashboard.ts";
import { computed } from "../../data/expressions.ts";
import { configureFields } from "../../data/field-config.ts";
import { interpolate } from "../../data/interpolation.ts";
import { interpolationOf } from "../../data/links.ts";
import { transform } from "../../data/transformations.ts";
import { shapeOf } from "../panels/shapes.ts";
import { Boundary } from "../shell/boundary.tsx";
import { Icon } from "../shell/icon.tsx";
import { Popover } from "../shell/popover.tsx";
import { useTheme } from "../shell/theme.ts";
import { useDashboard } from "./dashboard-context.ts";
import { PanelMenu } from "./panel-menu.tsx";
import { type PanelState, usePanelData } from "./use-panel-data.ts";
import { useSeen } from "./use-seen.ts";

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
  const title = interpolate(panel.title ?? "", interpolationOf(context));
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
  const shape = shapeOf(panel.type);
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
  if (askedOnlyInGrafana !== undefined) return "ready";
  if (error !== undefined) return "error";
  if (isLoading) return "loading";
  return data === undefined ? "waiting" : "ready";
}
