/**
 * How long a text on a span may be, in characters: what is longer is cut by the SDK, which is where it
 * is still known. The pipeline and the store take that much, so that nothing is cut on the way. Enough
 * for the longest stack of an exception, which is the longest text of all.
 */
export const maxTextCharacters = 4096;

/**
 * How long a query may be, in characters: Tempo 3.0.3 reads no more of it, and says that it ends too
 * early.
 */
export const maxQueryCharacters = 2048;
