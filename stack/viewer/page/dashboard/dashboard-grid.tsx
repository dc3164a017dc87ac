import { useState } from "preact/hooks";
import type { PanelJson } from "../../data/dashboard.ts";
import { type Section, sectionsOf } from "../../data/grid.ts";
import { Icon } from "../shell/icon.tsx";
import { PanelFrame } from "./panel-frame.tsx";

/** Of the page, in columns. */
const aThird = 8;

/** The panels in Grafana's grid of 24 columns, under rows that fold. */
export function DashboardGrid({ panels }: { readonly panels: readonly PanelJson[] }) {
  return (
    <div class="dashboard">
      {sectionsOf(panels).map((section, index) => (
        <GridSection key={section.row?.id ?? `top-${index}`} section={section} />
      ))}
    </div>
  );
}

function GridSection({ section }: { readonly section: Section }) {
  const { row, panels } = section;
  const [isFolded, setIsFolded] = useState(section.isFoldedAtFirst);
  return (
    <section aria-label={row?.title ?? "Panels"}>
      {row !== undefined && (
        <h2 class="row-title">
          <button type="button" aria-expanded={!isFolded} onClick={() => setIsFolded(!isFolded)}>
            <Icon name="chevron" />
            {row.title}
            {isFolded && <span class="weak"> ({panels.length} panels)</span>}
            {row.repeat !== undefined && (
              <span class="weak"> (not repeated for each {row.repeat} here)</span>
            )}
          </button>
        </h2>
      )}
      {!isFolded && (
        <div class="grid">
          {panels.map(({ panel, position: { x, y, w, h } }) => (
            <div
              key={panel.id ?? `${x}-${y}`}
              class={w < aThird ? "grid-place narrow" : "grid-place"}
              style={{
                "--column": `${x + 1} / span ${w}`,
                "--row": `${y + 1} / span ${h}`,
                "--height": String(h),
              }}
            >
              <PanelFrame panel={panel} isAlone={false} />
            </div>
          ))}
        </div>
      )}
    </section>
  );
}
