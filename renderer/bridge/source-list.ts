/**
 * What pages ask for that list sources: without the points of each, which are megabytes where there
 * are many. A page of one source asks for its own (`useSourcePoints`), Home for those of the rows in
 * sight. One input for all, so that they share one answer.
 */
export const SOURCE_LIST = { pointsEach: 1 } as const;
