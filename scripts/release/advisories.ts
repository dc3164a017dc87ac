/** What `npm audit` says of the packages that ship, judged by the exceptions that stand in a file. */

/** As far as it is read here. */
export interface AuditReport {
  readonly vulnerabilities: Readonly<
    Record<string, { readonly via: readonly (string | Advisory)[] }>
  >;
}

interface Advisory {
  readonly url: string;
  readonly title: string;
  readonly severity: string;
  readonly name: string;
  readonly range: string;
}

/** Why an advisory does not stop a release, and until when. */
export interface AdvisoryException {
  /** GitHub's id, such as GHSA-c2qf-rxjj-qqgw. */
  readonly advisory: string;
  readonly package: string;
  readonly reason: string;
  /** The last day on which it holds, YYYY-MM-DD. */
  readonly until: string;
}

/** @returns a sentence for each advisory without an exception, and for each exception that is late or not needed */
export function judgeAdvisories(
  report: AuditReport,
  exceptions: readonly AdvisoryException[],
  today: string,
): string[] {
  const advisories = listAdvisories(report);
  const isMeant = ({ url, name }: Advisory, exception: AdvisoryException): boolean =>
    url.endsWith(`/${exception.advisory}`) && name === exception.package;
  const open = advisories.filter((one) => !exceptions.some((exception) => isMeant(one, exception)));
  return [
    ...open.map(
      ({ name, range, severity, title, url }) => `${name} ${range}: ${severity}. ${title} (${url})`,
    ),
    ...exceptions
      .filter(({ until }) => until < today)
      .map(({ advisory, until }) => `The exception for ${advisory} ended on ${until}.`),
    ...exceptions
      .filter((exception) => !advisories.some((one) => isMeant(one, exception)))
      .map(({ advisory }) => `The exception for ${advisory} is no longer needed: remove it.`),
  ];
}

/** Each once: a package is also listed for what it depends on. */
function listAdvisories({ vulnerabilities }: AuditReport): readonly Advisory[] {
  const all = Object.values(vulnerabilities).flatMap(({ via }) =>
    via.filter((one) => typeof one !== "string"),
  );
  return [...new Map(all.map((one) => [`${one.url} ${one.name}`, one])).values()];
}
