import type { ComponentChildren } from "preact";
import { useId, useRef, useState } from "preact/hooks";

export interface PopoverProps {
  /** What the button shows. */
  readonly button: ComponentChildren;
  readonly label: string;
  readonly class?: string;
  readonly isDisabled?: boolean;
  /** Made only while it is open. */
  readonly children: (close: () => void) => ComponentChildren;
}

/** A button with a part of the page that it opens: Escape, or a click elsewhere, closes it. */
export function Popover({ button, label, children, ...props }: PopoverProps) {
  const id = useId();
  const buttonElement = useRef<HTMLButtonElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  const toggled = () => {
    const nowOpen = content.current?.matches(":popover-open") === true;
    setIsOpen(nowOpen);
    if (nowOpen) {
      // Its size is known only when what is in it has been made.
      requestAnimationFrame(() => place(buttonElement.current, content.current));
    }
  };
  return (
    <>
      <button
        ref={buttonElement}
        type="button"
        class={`button ${props.class ?? ""}`}
        aria-label={label}
        title={label}
        aria-expanded={isOpen}
        disabled={props.isDisabled === true}
        popoverTarget={id}
      >
        {button}
      </button>
      <div ref={content} id={id} popover="auto" class="popover" onToggle={toggled}>
        {isOpen && children(() => content.current?.hidePopover())}
      </div>
    </>
  );
}

const marginPx = 8;

/** Below the button, within the window. */
function place(button: HTMLElement | null, content: HTMLElement | null): void {
  if (button === null || content === null) {
    return;
  }
  const from = button.getBoundingClientRect();
  const { width, height } = content.getBoundingClientRect();
  const left = Math.min(from.left, innerWidth - width - marginPx);
  const isBelow = from.bottom + height + marginPx <= innerHeight || from.top < height;
  content.style.left = `${Math.max(marginPx, left)}px`;
  content.style.top = `${isBelow ? from.bottom + 4 : from.top - height - 4}px`;
  content.querySelector<HTMLElement>("[autofocus], input, a, button")?.focus();
}
