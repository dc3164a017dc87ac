/**
 * What the names of a server's own settings begin with: its name, so `MINISERVE` for miniserve.
 * @param service The name of the service.
 */
export function settingsPrefixOf(service: string): string {
  return service.toUpperCase().replaceAll(/\W/g, "_");
}
