import type { ComponentChildren } from "preact";
import { DashboardPage } from "./dashboard/dashboard-page.tsx";
import { DashboardsPage } from "./dashboards-list/dashboards-page.tsx";
import { ExplorePage } from "./explore/explore-page.tsx";
import { HomePage } from "./home/home-page.tsx";
import { Message } from "./shell/message.tsx";
import { TracePage } from "./trace/trace-page.tsx";

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

export function pageAt(address: URL): ComponentChildren {
  for (const { pattern, page } of routes) {
    const match = pattern.exec(address.pathname);
    if (match !== null) {
      return page(match.slice(1), address);
    }
  }
  return (
    <Message title="There is no such page here.">
      <a href="/dashboards">All dashboards</a>
    </Message>
  );
}
