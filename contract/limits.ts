/**
 * How long a text on a span may be, in characters: what is longer is cut by the SDK, which is where it
 * is still known. The pipeline and the store take that much, so that nothing is cut on the way. Enough
 * for the longest stack of an exception, which is the longest text of all.
 */
export const maxTextCharacters = 4096;
