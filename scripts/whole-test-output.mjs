// Loaded into each process that runs a file of tests. It ends as soon as its last test has, and what a pipe has
// not taken by then is lost: tests would be missing from the summary, and a failure among them from the exit code.
process.stdout._handle?.setBlocking?.(true);
