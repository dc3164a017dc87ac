import {
  type DashboardLink,
  DashboardLinkBuilder,
  DashboardLinkType,
} from "@grafana/grafana-foundation-sdk/dashboard";

export interface Link {
  readonly title: string;
  /** Relative, so that it works on any Grafana. */
  readonly url: string;
  /** Whether Grafana adds the time range and the values of the variables. */
  readonly keepsChoices?: boolean;
}

/** A link that is seen: the SDK's own would be hidden in the menu of the controls. */
export function linkBuilder({ title, url, keepsChoices = false }: Link): {
  build(): DashboardLink;
} {
  return {
    build: () => {
      const link = new DashboardLinkBuilder(title)
        .type(DashboardLinkType.Link)
        .url(url)
        .keepTime(keepsChoices)
        .includeVars(keepsChoices)
        .build();
      delete link.placement;
      return link;
    },
  };
}
