/** Rules of a place that keep the newest point and no other. */
export const latestOnly = {
  latest: 1,
  hourly: 0,
  daily: 0,
  weekly: 0,
  monthly: 0,
  yearly: 0,
  minAgeHours: 0,
  minFreePercent: 0,
};
