import type { Manifest } from './manifest.ts';

/** SHA256SUMS as `sha256sum -c` reads it, from the archive's folder. */
export function checksumText(manifest: Manifest): string {
  const lines = manifest.sources.flatMap(({ folder, points }) =>
    points.flatMap(({ parts, index }) =>
      [...parts, ...(index === null ? [] : [index])].map(
        ({ file, sha256 }) => `${sha256}  ${folder}/${file}\n`,
      ),
    ),
  );
  return lines.join('');
}
