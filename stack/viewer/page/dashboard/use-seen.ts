import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

/** How far from the window a panel is when it begins to ask. */
const marginPx = 150;

/** Whether an element is in the window, or nearly. */
export function useSeen(element: RefObject<HTMLElement | null>): boolean {
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
