import { readableColour } from "../../data/colours.ts";
import type { Display } from "../../data/display.ts";
import { type FieldValue, fieldValues } from "../../data/field-values.ts";
import { dataLinks, type Link } from "../../data/links.ts";
import { LinkedValue } from "./linked-value.tsx";
import type { PanelViewProps } from "./panel-view.ts";

/** One number, or one for each field, as large as there is room. */
export function Stat({ panel, frames, context, theme }: PanelViewProps) {
  const numbers = fieldValues(panel, frames, theme).map(({ display, ...number }) => ({
    ...number,
    display: readable(display),
  }));
  const { textMode, wideLayout, orientation, text } = panel.options ?? {};
  const isNamed = textMode === "value_and_name" || (numbers.length > 1 && textMode !== "value");
  const isRows = wideLayout !== false && orientation === "horizontal" && isNamed;
  // Beside each other they are of one size.
  const characters = Math.max(...numbers.map(({ display }) => countCharacters(display)));
  return (
    <div class={isRows ? "stats rows" : "stats"} style={{ "--characters": String(characters) }}>
      {numbers.map(({ name, display, source }, index) => (
        <StatNumber
          key={index}
          display={display}
          name={isNamed && source !== undefined ? name : undefined}
          title={panel.title ?? ""}
          links={listLinks(source)}
          sizes={(text ?? {}) as TextSizes}
        />
      ))}
    </div>
  );

  function readable(display: Display): Display {
    const { colour } = display;
    return colour === undefined ? display : { ...display, colour: readableColour(colour, theme) };
  }
  function listLinks(source: FieldValue["source"]): Link[] {
    return source === undefined ? [] : dataLinks(context, source);
  }
}

function countCharacters({ text, suffix }: Display): number {
  return Math.max(3, text.length + suffix.length * 0.6);
}

/** In pixels; what is not given takes what room there is. */
interface TextSizes {
  readonly titleSize?: number;
  readonly valueSize?: number;
}

interface StatNumberProps {
  readonly display: Display;
  readonly name?: string | undefined;
  readonly title: string;
  readonly links: readonly Link[];
  readonly sizes: TextSizes;
}

function StatNumber(props: StatNumberProps) {
  const { display, name, title, links, sizes } = props;
  const { text, suffix, colour } = display;
  const number = (
    <span
      class="stat-number"
      style={{
        color: colour,
        ...(sizes.valueSize === undefined ? {} : { fontSize: `${sizes.valueSize}px` }),
      }}
    >
      {text}
      {suffix !== "" && <span class="stat-suffix">{suffix}</span>}
    </span>
  );
  return (
    <div class="stat">
      {name !== undefined && (
        <span
          class="stat-name"
          style={sizes.titleSize === undefined ? {} : { fontSize: `${sizes.titleSize}px` }}
        >
          {name}
        </span>
      )}
      <LinkedValue class="stat-link" links={links} label={`${name ?? title}: ${text}${suffix}`}>
        {number}
      </LinkedValue>
    </div>
  );
}
