import type { Display } from "../../data/display.ts";
import { type FieldValue, fieldValues } from "../../data/field-values.ts";
import { dataLinks, type Link } from "../../data/links.ts";
import { readableColour } from "../../data/readable-colours.ts";
import { LinkedValue } from "./linked-value.tsx";
import type { PanelViewProps } from "./panel-view.ts";

/** One number, or one for each field, as large as there is room. */
export function Stat({ panel, frames, context, theme }: PanelViewProps) {
  const numbers = fieldValues(panel, frames, theme);
  const hasNames = numbers.length > 1 && panel.options?.textMode !== "value";
  return (
    <div class="stats">
      {numbers.map(({ name, display, source }, index) => (
        <StatNumber
          key={index}
          display={readable(display)}
          name={hasNames ? name : undefined}
          title={panel.title ?? ""}
          links={linksOf(source)}
        />
      ))}
    </div>
  );

  function readable(display: Display): Display {
    const { colour } = display;
    return colour === undefined ? display : { ...display, colour: readableColour(colour, theme) };
  }
  function linksOf(source: FieldValue["source"]): Link[] {
    return source === undefined ? [] : dataLinks(context, source);
  }
}

interface StatNumberProps {
  readonly display: Display;
  readonly name?: string | undefined;
  readonly title: string;
  readonly links: readonly Link[];
}

function StatNumber({ display: { text, suffix, colour }, name, title, links }: StatNumberProps) {
  const number = (
    <span
      class="stat-number"
      style={{
        color: colour,
        "--characters": String(Math.max(3, text.length + suffix.length * 0.6)),
      }}
    >
      {text}
      {suffix !== "" && <span class="stat-suffix">{suffix}</span>}
    </span>
  );
  return (
    <div class="stat">
      {name !== undefined && <span class="stat-name">{name}</span>}
      <LinkedValue class="stat-link" links={links} label={`${title}: ${text}${suffix}`}>
        {number}
      </LinkedValue>
    </div>
  );
}
