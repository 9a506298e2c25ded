/** Negative when `a` comes before `b`, by the rules of semver.org (11); neither has build data. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (left.numbers[i] ?? 0) - (right.numbers[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return comparePre(left.pre, right.pre);
}

function parts(version: string): { numbers: readonly number[]; pre: readonly string[] } {
  const dash = version.indexOf('-');
  const plain = dash < 0 ? version : version.slice(0, dash);
  const pre = dash < 0 ? [] : version.slice(dash + 1).split('.');
  return { numbers: plain.split('.').map(Number), pre };
}

/** One without is the release itself, which comes after all that were before it. */
function comparePre(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [x, y] = [a[i], b[i]];
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1;
    if (x === y) continue;
    const [isX, isY] = [/^\d+$/.test(x), /^\d+$/.test(y)];
    if (isX && isY) return Number(x) - Number(y);
    if (isX !== isY) return isX ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return 0;
}
