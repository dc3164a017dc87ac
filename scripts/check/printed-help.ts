/** Prints how a script is used when that was asked for; then nothing else may be done. */
export function printedHelp(usage: string): boolean {
  const isAsked = process.argv.slice(2).some((option) => ["--help", "-h"].includes(option));
  if (isAsked) process.stdout.write(usage);
  return isAsked;
}
