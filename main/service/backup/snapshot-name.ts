/** 'home.20261122-104601': the source's own name and the local time, so that names sort by age. */
export function snapshotName(sourcePath: string, nowMs: number): string {
  const own = sourcePath.slice(sourcePath.lastIndexOf('/') + 1) || 'volume';
  const at = new Date(nowMs);
  const two = (n: number): string => String(n).padStart(2, '0');
  const date = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  return `${own}.${date}-${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
}

/** Whether a snapshot is called as those are that Dendro makes, "-2" and so on behind it or not. */
export function isSnapshotName(name: string): boolean {
  return /^.+\.\d{8}-\d{6}(?:-\d+)?$/s.test(name);
}

/** A path without the time that its last name ends in, as many tools write it; the same without one. */
export function withoutTime(path: string): string {
  return path.replace(/[.-]\d{8}[T-]?\d*[^/]*$/, '');
}
