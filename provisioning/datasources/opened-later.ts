/**
 * A variable that Grafana fills in when a link is followed. Provisioning files have their own
 * variables, so the dollar stands twice, or the name is taken for one of the environment.
 */
export function openedLater(name: string): string {
  return `$$\{${name}}`;
}
