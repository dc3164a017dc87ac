/**
 * For tests: how long to wait for what must come. A busy machine takes its time, so this is no measure of
 * speed: it only lets a test that hangs say what it waited for.
 */
export const patienceMs = 120_000;
