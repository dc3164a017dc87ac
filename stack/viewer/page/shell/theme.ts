import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Theme } from "../../data/colours.ts";

const storedAs = "miniserve-viewer-theme";

/** The theme that was chosen here last, else the system's. */
export function firstTheme(): Theme {
  const asked = new URL(location.href).searchParams.get("theme") ?? stored();
  if (asked === "dark" || asked === "light") {
    return asked;
  }
  return matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
}

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
}

export function storeTheme(theme: Theme): void {
  try {
    localStorage.setItem(storedAs, theme);
  } catch {
    // Without storage it is chosen anew each time.
  }
}

function stored(): string | null {
  try {
    return localStorage.getItem(storedAs);
  } catch {
    return null;
  }
}

export const ThemeContext = createContext<Theme>("dark");

export function useTheme(): Theme {
  return useContext(ThemeContext);
}
