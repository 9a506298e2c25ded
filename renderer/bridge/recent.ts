/**
 * How many points of each source Home and its like ask for: more bands than a core sample has
 * room for. All points of all sources are megabytes; the page of one source asks for its own.
 */
export const RECENT = { pointsEach: 240 } as const;
