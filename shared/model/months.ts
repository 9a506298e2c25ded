/**
 * The same day and time of a month to come, by the local clock; the last day of a month that has
 * no such day: a month after 31 January is 28 February, and not 3 March.
 */
export function monthsAhead(fromMs: number, months: number): number {
  const from = new Date(fromMs);
  const [year, month] = [from.getFullYear(), from.getMonth() + months];
  const lastDay = new Date(year, month + 1, 0).getDate();
  const at = new Date(from);
  // Not in two steps: of a day that the month has not, the month would be the one after it.
  at.setFullYear(year, month, Math.min(from.getDate(), lastDay));
  return at.getTime();
}
