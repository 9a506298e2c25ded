import { conflict, type DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import { baseOf } from '../folder/names.ts';
import { openArchive, type Archive } from '../folder/archive.ts';
import { exactly } from '../format/manifest.ts';
import { pointsOf, type PointRef } from './reader.ts';

export const LATEST = 'latest';

/**
 * The point that a person named: a snapshot's name, the name of its file, or the beginning of
 * its uuid, with the folder of its source before it (`home/home.1`) where that is needed;
 * `latest` is the newest. What `exactly` says of one. @throws Conflict 'point-not-found', 'point-ambiguous'
 */
export function pickPoint({ archive }: { readonly archive: Archive }, text: string): PointRef {
  const sources = archive.manifest.sources.filter(({ points }) => points.length > 0);
  const inSource = sources.find(({ folder }) => text.startsWith(`${folder}/`));
  const withSource =
    inSource && matching(archive, text.slice(inSource.folder.length + 1), inSource.folder);
  const found =
    withSource !== undefined && withSource.length > 0 ? withSource : matching(archive, text);
  if (found.length === 1) return found[0]!;
  if (found.length === 0) throw notFound(text);
  const isOfOne = found.every(({ source }) => source === found[0]!.source);
  throw conflict(
    'point-ambiguous',
    say`"${{ text: printable(text) }}" is the name of several restore points.`,
    {
      hint: say`Put the source before it: ${{
        candidates: found
          .map(
            ({ source, point }) => `${source.folder}/${isOfOne ? point.uuid.slice(0, 8) : '...'}`,
          )
          .slice(0, 3)
          .join(', '),
      }}; or give the uuid.`,
    },
  );
}

/**
 * The same without any key: its name, and a text that picks this one and no other, also when the
 * archive has got newer ones. @throws as `pickPoint` and `openArchive`
 */
export function exactPoint(folder: string, text: string): { name: string; point: string } {
  const { source, point } = pickPoint({ archive: openArchive(folder) }, text);
  return { name: point.name, point: `${source.folder}/${exactly(point)}` };
}

function matching(archive: Archive, text: string, folder?: string): PointRef[] {
  const all = pointsOf(archive).filter(
    ({ source }) => folder === undefined || source.folder === folder,
  );
  if (text === LATEST) return newestOfEach(all);
  const named = all.filter(({ point }) => point.name === text);
  if (named.length > 0) return named;
  const files = all.filter(({ point }) => baseOf(point.parts[0]!.file) === text);
  if (files.length > 0) return files;
  const identified = all.filter(({ point }) => exactly(point) === text);
  if (identified.length > 0) return identified;
  const uuid = text.toLowerCase().replaceAll('-', '');
  return uuid.length < 4 ? [] : all.filter(({ point }) => point.uuid.startsWith(uuid));
}

/** One a source; points are kept oldest first. */
function newestOfEach(refs: readonly PointRef[]): PointRef[] {
  const newest = new Map(refs.map((ref) => [ref.source, ref]));
  return [...newest.values()];
}

function notFound(text: string): DendroError {
  return conflict(
    'point-not-found',
    say`The archive has no restore point "${{ text: printable(text) }}".`,
    {
      hint: 'List them with: dendro archive list FOLDER',
    },
  );
}
