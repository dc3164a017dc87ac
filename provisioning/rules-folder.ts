/**
 * The title of the folder for the alert rules, beside that for the dashboards. Grafana reads both kinds of
 * files at once: it makes the dashboards' folder by its uid and the rules' by its title, which no file can
 * give a uid, so that of one title there would be two.
 */
export function rulesFolder(dashboardsFolder: string): string {
  return `${dashboardsFolder} alerts`;
}
