import type { ComponentChildren } from "preact";
import type { Theme } from "../../data/colours.ts";
import { Icon } from "./icon.tsx";

interface HeaderProps {
  readonly path: string;
  readonly theme: Theme;
  readonly onTheme: (theme: Theme) => void;
  /** What else is said at its end. */
  readonly children?: ComponentChildren;
}

/** The pages that can be gone to from everywhere. */
const pages: readonly { readonly href: string; readonly title: string }[] = [
  { href: "/dashboards", title: "Dashboards" },
  { href: "/explore", title: "Explore" },
];

export function Header({ path, theme, onTheme, children }: HeaderProps) {
  const other = theme === "dark" ? "light" : "dark";
  return (
    <header class="header">
      <a class="skip-link" href="#content">
        Skip to the content
      </a>
      <a class="brand" href="/">
        <span class="brand-mark" aria-hidden="true" />
        miniserve
      </a>
      <nav aria-label="Pages">
        {pages.map(({ href, title }) => (
          <a key={href} href={href} aria-current={isWithin(path, href) ? "page" : undefined}>
            {title}
          </a>
        ))}
      </nav>
      {children}
      <span
        class="honest"
        title="It shows the dashboards that Grafana would be provisioned with, from the same files."
      >
        <span class="honest-more">embedded viewer, </span>not Grafana
      </span>
      <button
        type="button"
        class="button quiet"
        onClick={() => onTheme(other)}
        aria-label={`Change to the ${other} theme`}
        title={`Change to the ${other} theme`}
      >
        <Icon name={theme === "dark" ? "sun" : "moon"} />
      </button>
    </header>
  );
}

function isWithin(path: string, href: string): boolean {
  const isDashboard = href === "/dashboards" && path.startsWith("/d/");
  return path === href || isDashboard;
}
