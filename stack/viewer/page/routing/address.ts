import { useEffect, useState } from "preact/hooks";
import { isOutdated } from "../preview/preview.tsx";

/** The address in the browser's bar is the state of a page: what is chosen, and when it is looked at. */
const listeners = new Set<() => void>();

function changed(): void {
  for (const listener of listeners) {
    listener();
  }
}

/** The address, anew whenever it changes. */
export function useAddress(): URL {
  const [href, setHref] = useState(location.href);
  useEffect(() => {
    const listener = () => setHref(location.href);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, []);
  return new URL(href);
}

/** Goes to an address of this page. @param replace leaves no step to go back to. */
function navigate(href: string, { replace = false } = {}): void {
  const from = location.pathname;
  history[replace ? "replaceState" : "pushState"](null, "", href);
  if (location.pathname !== from) {
    scrollTo(0, 0);
  }
  changed();
}

/** Changes parameters of the address; an undefined one is removed. */
export function changeParameters(
  changes: Readonly<Record<string, string | readonly string[] | undefined>>,
  options: { replace?: boolean } = {},
): void {
  const address = new URL(location.href);
  for (const [name, value] of Object.entries(changes)) {
    address.searchParams.delete(name);
    for (const one of typeof value === "string" ? [value] : (value ?? [])) {
      address.searchParams.append(name, one);
    }
  }
  navigate(`${address.pathname}${address.search}`, options);
}

/** Follows links of this page without loading it anew. */
export function followLinks(): void {
  addEventListener("popstate", changed);
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const isPlain =
      event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (link === null || !isPlain || event.defaultPrevented || link.target !== "") {
      return;
    }
    const isOurs = link.origin === location.origin && !link.pathname.startsWith("/api/");
    // A page that has an old copy of the contract is left for one with the new.
    const isFollowed = isOurs && !isOutdated();
    if (
      isFollowed &&
      !link.hasAttribute("download") &&
      !link.getAttribute("href")?.startsWith("#")
    ) {
      event.preventDefault();
      navigate(link.href);
    }
  });
}
