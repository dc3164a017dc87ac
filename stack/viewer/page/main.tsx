import { type ComponentChildren, render } from "preact";
import { useCallback, useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { Theme } from "../data/colours.ts";
import { DashboardPage } from "./dashboard/dashboard-page.tsx";
import { DashboardsPage } from "./dashboards-list/dashboards-page.tsx";
import { ExplorePage } from "./explore/explore-page.tsx";
import { HomePage } from "./home/home-page.tsx";
import {
  followPreview,
  isPreview,
  PreviewBadge,
  PreviewProblems,
  usePreview,
} from "./preview/preview.tsx";
import { followLinks, useAddress } from "./routing/address.ts";
import { Header } from "./shell/header.tsx";
import { Message } from "./shell/message.tsx";
import { applyTheme, firstTheme, storeTheme, ThemeContext } from "./shell/theme.ts";
import { TracePage } from "./trace/trace-page.tsx";

function Application() {
  const address = useAddress();
  const [theme, setTheme] = useState<Theme>(firstTheme);
  // Before the page is drawn: colours of one theme on the ground of the other cannot be read.
  useLayoutEffect(() => applyTheme(theme), [theme]);
  const choose = (chosen: Theme) => {
    storeTheme(chosen);
    setTheme(chosen);
  };
  const { problems, hide, show, isHidden } = useProblems();
  return (
    <ThemeContext.Provider value={theme}>
      <Header path={address.pathname} theme={theme} onTheme={choose}>
        {isPreview && (
          <PreviewBadge
            hasContract={!/^\/(d\/|dashboards$)/.test(address.pathname)}
            problemsAreHidden={isHidden}
            onProblems={show}
          />
        )}
      </Header>
      <main id="content" tabIndex={-1}>
        {pageAt(address)}
      </main>
      {problems.length > 0 && !isHidden && <PreviewProblems problems={problems} onHide={hide} />}
    </ThemeContext.Provider>
  );
}

/** The problems of the preview. Those that were hidden stay so, until there are others. */
function useProblems() {
  const problems = usePreview().state?.problems ?? [];
  const key = JSON.stringify(problems);
  const [hidden, setHidden] = useState("");
  const hide = useCallback(() => setHidden(key), [key]);
  const show = useCallback(() => setHidden(""), []);
  return { problems, hide, show, isHidden: hidden === key };
}

interface Route {
  readonly pattern: RegExp;
  /** @param groups what the pattern's groups matched. */
  readonly page: (groups: readonly string[], address: URL) => ComponentChildren;
}

/** The pages of the viewer by their paths, which are Grafana's where Grafana has such a page. */
const routes: readonly Route[] = [
  {
    pattern: /^\/d\/([\w-]+)(?:\/[^/]*)?$/,
    page: ([uid = ""], address) => <DashboardPage key={uid} uid={uid} address={address} />,
  },
  {
    pattern: /^\/trace\/([0-9a-f]{1,32})$/i,
    page: ([traceId = ""], address) => <TracePage traceId={traceId} address={address} />,
  },
  { pattern: /^\/explore$/, page: (_, address) => <ExplorePage address={address} /> },
  { pattern: /^\/$/, page: () => <HomePage /> },
  { pattern: /^\/dashboards$/, page: () => <DashboardsPage /> },
];

function pageAt(address: URL): ComponentChildren {
  for (const { pattern, page } of routes) {
    const match = pattern.exec(address.pathname);
    if (match !== null) {
      return page(match.slice(1), address);
    }
  }
  return <NoSuchPage />;
}

function NoSuchPage() {
  useEffect(() => {
    document.title = "No such page – miniserve";
  }, []);
  return (
    <Message title="There is no such page here.">
      <p>The address may be of a Grafana, or of another version.</p>
      <p class="ways-on">
        <a href="/">Start page</a> <a href="/dashboards">All dashboards</a>{" "}
        <a href="/explore">Explore traces</a>
      </p>
    </Message>
  );
}

// Last, when all that the pages need is declared.
applyTheme(firstTheme());
followLinks();
followPreview();
const root = document.getElementById("application");
if (root !== null) {
  render(<Application />, root);
}
