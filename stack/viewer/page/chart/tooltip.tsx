import type { ComponentChildren, RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface TooltipProps {
  readonly anchor: RefObject<HTMLElement | null>;
  /** The pointer within the anchor, in pixels. */
  readonly x: number;
  readonly y: number;
  readonly children: ComponentChildren;
}

const distancePx = 14;
const marginPx = 6;

/** Beside the pointer, within the window, over everything else. */
export function Tooltip({ anchor, x, y, children }: TooltipProps) {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const box = anchor.current?.getBoundingClientRect();
    const own = element.current;
    if (box === undefined || own === null) {
      return;
    }
    const { width, height } = own.getBoundingClientRect();
    const right = box.left + x + distancePx;
    const left = right + width + marginPx > innerWidth ? box.left + x - width - distancePx : right;
    const top = Math.min(box.top + y + distancePx, innerHeight - height - marginPx);
    own.style.left = `${Math.max(marginPx, left)}px`;
    own.style.top = `${Math.max(marginPx, top)}px`;
  });
  return (
    <div ref={element} class="tooltip" aria-hidden="true">
      {children}
    </div>
  );
}
