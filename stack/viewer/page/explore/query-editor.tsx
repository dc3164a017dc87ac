import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Completions, completionsAt } from "../../data/explore/completions.ts";
import type { QueryFault } from "../../data/explore/query-fault.ts";
import { contracts } from "../services.ts";

interface QueryEditorProps {
  readonly text: string;
  readonly fault: QueryFault | undefined;
  readonly onText: (text: string) => void;
  readonly onRun: () => void;
}

/** A box for TraceQL that offers the words of the contract, and marks where a query is wrong. */
export function QueryEditor({ text, fault, onText, onRun }: QueryEditorProps) {
  const id = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  const { offered, chosen, offer, close, step } = useCompletions();
  /** Where the cursor goes once the text is there. */
  const cursor = useRef<number>(-1);
  useLayoutEffect(() => {
    if (cursor.current !== -1) {
      box.current?.setSelectionRange(cursor.current, cursor.current);
      cursor.current = -1;
    }
  }, [text]);
  const take = (index: number) => {
    const completion = offered?.offers[index];
    if (offered === undefined || completion === undefined || box.current === null) {
      return;
    }
    cursor.current = offered.from + completion.text.length;
    const rest = text.slice(box.current.selectionEnd);
    onText(`${text.slice(0, offered.from)}${completion.text}${rest}`);
    close();
    box.current.focus();
  };
  const actions: Readonly<Record<Action, () => void>> = {
    run: () => {
      close();
      onRun();
    },
    offer: () => offer(text, box.current?.selectionEnd ?? 0, true),
    close,
    take: () => take(chosen),
    next: () => step(1),
    previous: () => step(-1),
  };
  return (
    <div class="query-editor">
      <FaultLine text={text} fault={fault} />
      <textarea
        ref={box}
        aria-label="TraceQL query, or the id of a trace"
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={offered === undefined ? undefined : `${id}-${chosen}`}
        aria-invalid={fault !== undefined}
        aria-describedby={fault === undefined ? undefined : "query-fault"}
        placeholder="{ status = error }"
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        rows={Math.min(12, Math.max(3, text.split("\n").length, Math.ceil(text.length / 90)))}
        value={text}
        onInput={(event) => {
          onText(event.currentTarget.value);
          offer(event.currentTarget.value, event.currentTarget.selectionEnd, false);
        }}
        onKeyDown={(event) => {
          const action = findAction(event, offered !== undefined);
          if (action !== undefined) {
            event.preventDefault();
            actions[action]();
          }
        }}
        onBlur={close}
      />
      <CompletionList id={id} completions={offered} chosen={chosen} onTake={take} />
    </div>
  );
}

/** What is offered at the cursor, and which of it is chosen. */
function useCompletions() {
  const [offered, setOffered] = useState<Completions>();
  const [chosen, setChosen] = useState(0);
  return {
    offered,
    chosen,
    offer: (query: string, at: number, isAsked: boolean) => {
      const found = completionsAt(contracts, query, at);
      // Unasked, nothing is offered before a word is begun.
      const isUseful = found.offers.length > 0 && (isAsked || at > found.from);
      setOffered(isUseful ? found : undefined);
      setChosen(0);
    },
    close: () => setOffered(undefined),
    step: (by: 1 | -1) => {
      const count = offered?.offers.length ?? 1;
      setChosen((now) => (now + by + count) % count);
    },
  };
}

type Action = "run" | "offer" | "close" | "take" | "next" | "previous";

function findAction(event: KeyboardEvent, isOpen: boolean): Action | undefined {
  const isWithControl = event.ctrlKey || event.metaKey;
  if (event.key === "Enter" && (isWithControl || event.shiftKey)) {
    return "run";
  }
  if (event.key === " " && event.ctrlKey) {
    return "offer";
  }
  if (!isOpen) {
    return undefined;
  }
  const actions: Readonly<Record<string, Action>> = {
    ArrowDown: "next",
    ArrowUp: "previous",
    Enter: "take",
    Tab: "take",
    Escape: "close",
  };
  return actions[event.key];
}

/** The text once more behind the box, invisible but for the line under what is wrong. */
function FaultLine({ text, fault }: Pick<QueryEditorProps, "text" | "fault">) {
  if (fault === undefined) {
    return null;
  }
  const { from, to } = fault;
  return (
    <pre class="fault-line" aria-hidden="true">
      {text.slice(0, from)}
      <mark>{text.slice(from, to) || " "}</mark>
      {text.slice(to)}
    </pre>
  );
}

interface CompletionListProps {
  readonly id: string;
  /** Undefined while nothing is offered. */
  readonly completions: Completions | undefined;
  readonly chosen: number;
  readonly onTake: (index: number) => void;
}

/** What could stand at the cursor, with what it means. The box keeps the focus. */
function CompletionList({ id, completions, chosen, onTake }: CompletionListProps) {
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
      {completions?.offers.map(({ text, brief }, index) => (
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
          <span class="weak">{brief}</span>
        </div>
      ))}
    </div>
  );
}
