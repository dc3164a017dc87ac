import { type Display, displayOf } from "../../data/display.ts";
import type { Cell, Field, Frame } from "../../data/frame.ts";
import { displayNameOf } from "../../data/frame.ts";
import { dataLinks, type Link } from "../../data/links.ts";
import { readableColour } from "../../data/readable-colours.ts";
import { reducerOf } from "../../data/reducers.ts";
import { Popover } from "../shell/popover.tsx";
import type { PanelViewProps } from "./panel-view.ts";

/** One number, or one for each field, as large as there is room. */
export function Stat({ panel, frames, context, theme }: PanelViewProps) {
  const { reduceOptions, textMode } = panel.options ?? {};
  const [calculation = "lastNotNull"] =
    (reduceOptions as { calcs?: readonly string[] } | undefined)?.calcs ?? [];
  const reduce = reducerOf(calculation)?.reduce ?? (() => null);
  const numbers = frames.flatMap((frame) =>
    frame.fields
      .filter(({ type }) => type === "number")
      .map((field) => ({ frame, field, value: reduce(field.values) })),
  );
  if (numbers.length === 0) {
    const { defaults = {} } = panel.fieldConfig ?? {};
    const none = displayOf(null, { type: "number", config: defaults }, theme);
    return <StatNumber display={noneAsText(none)} title={panel.title ?? ""} links={[]} />;
  }
  const hasNames = numbers.length > 1 && textMode !== "value";
  return (
    <div class="stats">
      {numbers.map(({ frame, field, value }, index) => (
        <StatNumber
          key={index}
          display={display(value, field)}
          name={hasNames ? displayNameOf(frame, field) : undefined}
          title={panel.title ?? ""}
          links={linksOf(frame, field)}
        />
      ))}
    </div>
  );

  function display(value: Cell, field: Field): Display {
    const plain = displayOf(value, field, theme);
    const colour = plain.colour === undefined ? undefined : readableColour(plain.colour, theme);
    const shown = { ...plain, colour };
    return value === null ? noneAsText(shown) : shown;
  }
  function linksOf(frame: Frame, field: Field): Link[] {
    return dataLinks(context, { frame, field, row: 0 });
  }
}

function noneAsText(display: Display): Display {
  return display.text === "" ? { ...display, text: "No data" } : display;
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
  const [only] = links;
  return (
    <div class="stat">
      {name !== undefined && <span class="stat-name">{name}</span>}
      {only === undefined ? (
        number
      ) : links.length === 1 ? (
        <a class="stat-link" href={only.href} title={only.title}>
          {number}
        </a>
      ) : (
        <Popover
          class="stat-link"
          label={`${title}: ${text}${suffix}. Where it leads`}
          button={number}
        >
          {() => (
            <ul class="menu-actions menu">
              {links.map((link) => (
                <li key={link.href}>
                  <a href={link.href}>{link.title}</a>
                </li>
              ))}
            </ul>
          )}
        </Popover>
      )}
    </div>
  );
}
