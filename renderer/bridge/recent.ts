/**
 * How many points of each source pages ask for that show several: about as many bands as a core
 * sample has room for. All points of all sources are megabytes; the page of one source asks for its
 * own (`useSourcePoints`). One number for all, so that they share one answer.
 */
export const RECENT = { pointsEach: 120 } as const;
