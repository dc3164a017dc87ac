import { useEffect, useRef } from "preact/hooks";
import type { Completions } from "../../data/explore/completions.ts";

interface CompletionListProps {
  readonly id: string;
  /** Undefined while nothing is offered. */
  readonly completions: Completions | undefined;
  readonly chosen: number;
  readonly onTake: (index: number) => void;
}

/** What could stand at the cursor, with what it means. The box keeps the focus. */
export function CompletionList({ id, completions, chosen, onTake }: CompletionListProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[chosen]?.scrollIntoView({ block: "nearest" });
  }, [chosen, completions]);
  return (
    <div
      ref={list}
      id={id}
      role="listbox"
      aria-label="Completions"
      class="completions"
      hidden={completions === undefined}
    >
      {completions?.offers.map(({ text, meaning }, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: its keys are those of the box, which has the focus.
        <div
          key={text}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === chosen}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onTake(index)}
        >
          <code>{text}</code>
          <span class="weak">{meaning}</span>
        </div>
      ))}
    </div>
  );
}
