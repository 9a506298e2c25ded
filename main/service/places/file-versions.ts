import type { CheckedInput } from '../../../shared/contract/calls.ts';
import { toErrorData } from '../../../shared/errors.ts';
import type { ArchiveFileVersion } from '../../../shared/model/archive.ts';
import type { FileVersion } from '../../../shared/model/entry.ts';
import { archiveOfPlace, isVolume } from '../../../shared/model/plan-target.ts';
import type { RestorePoint } from '../../../shared/model/subvolume.ts';
import type { Context } from '../context.ts';
import { archiveFolderNow } from './copy-place.ts';

type Request = CheckedInput<'file.versions'>;
type Copy = RestorePoint['copies'][number];
/** What one point says of the path. */
type Told = Pick<FileVersion, 'exists' | 'sizeBytes' | 'modifiedAtMs' | 'problem'> & {
  /** Of the same kind and equal: the same content. */
  readonly mark?: { readonly of: 'extents' | 'bytes'; readonly text: string };
};

const ABSENT = { exists: false, sizeBytes: 0, modifiedAtMs: 0 };

/** Newest first, of every point of the same source that is here; each against the one before it. */
export async function fileVersions(
  { volumeId, subvolumeId, path, keys }: Request,
  context: Context,
): Promise<FileVersion[]> {
  const { volumes } = await context.points.look();
  const all = context.points.list(volumes);
  const here = all.find(({ copies }) =>
    copies.some((copy) => copy.volumeId === volumeId && copy.subvolumeId === subvolumeId),
  );
  const related = all.filter(
    (point) => point === here || (here?.sourceUuid && point.sourceUuid === here.sourceUuid),
  );
  const archived = new ArchivedVersions(path, keys, context);
  const found: FileVersion[] = [];
  let previous: Told | undefined;
  for (const point of [...related].reverse()) {
    const copy = copyToAsk(point);
    const told = copy && (await toldBy(copy, path, archived, context));
    if (!copy || !told) continue;
    const { pointId, takenAtMs } = point;
    const { volumeName } = copy;
    const at = { volumeId: copy.volumeId, subvolumeId: copy.subvolumeId, path };
    const { exists, sizeBytes, modifiedAtMs, problem } = told;
    const facts = { exists, sizeBytes, modifiedAtMs, ...(problem && { problem }) };
    const sameAsPrevious = isSame(told, previous);
    found.push({ ...at, pointId, takenAtMs, volumeName, ...facts, sameAsPrevious });
    if (!told.problem) previous = told;
  }
  return found.reverse();
}

/** A snapshot answers at once; an archive where there is none. */
function copyToAsk({ copies }: RestorePoint): Copy | undefined {
  const here = copies.filter(({ present }) => present);
  return (
    here.find(({ volumeId }) => isVolume(volumeId)) ??
    here.find(({ volumeId }) => archiveOfPlace(volumeId) !== undefined)
  );
}

async function toldBy(
  copy: Copy,
  path: string,
  archived: ArchivedVersions,
  { engine, volumes }: Context,
): Promise<Told | undefined> {
  if (!isVolume(copy.volumeId)) return archived.at(copy);
  const known = await volumes.get(copy.volumeId).catch(() => undefined);
  if (!known) return undefined;
  const input = { volume: known.input, subvolumeId: copy.subvolumeId, path };
  const { content, ...facts } = await engine.run('fileVersion', input);
  return { ...facts, mark: { of: 'extents', text: content } };
}

/** By size and time between a snapshot and an archive: neither knows the other's marks. */
function isSame(told: Told, previous: Told | undefined): boolean {
  if (previous === undefined || told.problem || told.exists !== previous.exists) return false;
  if (!told.exists) return true;
  const [a, b] = [told.mark, previous.mark];
  if (a !== undefined && a.of === b?.of) return a.text === b.text;
  return told.sizeBytes === previous.sizeBytes && told.modifiedAtMs === previous.modifiedAtMs;
}

/** One look into each archive for all of its points: a chain is gone through once. */
class ArchivedVersions {
  readonly #path: string;
  readonly #keys: Request['keys'];
  readonly #context: Context;
  readonly #asked = new Map<string, Promise<Map<string, ArchiveFileVersion>>>();

  constructor(path: string, keys: Request['keys'], context: Context) {
    this.#path = path;
    this.#keys = keys;
    this.#context = context;
  }

  /** Undefined: its drive is not mounted. */
  async at({ volumeId, path }: Copy): Promise<Told | undefined> {
    const archive = archiveOfPlace(volumeId)!;
    const folder = archiveFolderNow(archive, this.#context.points.drives);
    if (folder === undefined) return undefined;
    let asked = this.#asked.get(volumeId);
    if (asked === undefined) this.#asked.set(volumeId, (asked = this.#ask(volumeId, folder)));
    try {
      const all = await asked;
      const version = all.get(path);
      // Nowhere in the archive, or in no point of it that can be opened.
      if (version === undefined) return all.size === 0 ? ABSENT : undefined;
      if (version.entry === null) return ABSENT;
      const { sizeBytes, modifiedAtMs } = version.entry;
      const told = { exists: true, sizeBytes, modifiedAtMs };
      const { sha256 } = version;
      return sha256 === null ? told : { ...told, mark: { of: 'bytes', text: sha256 } };
    } catch (error) {
      return { ...ABSENT, problem: toErrorData(error) };
    }
  }

  /** By the path that a copy has in it. */
  async #ask(volumeId: string, folder: string): Promise<Map<string, ArchiveFileVersion>> {
    const secrets = this.#keys.find((key) => key.volumeId === volumeId)?.secrets;
    const input = { folder, source: null, path: this.#path, ...(secrets && { secrets }) };
    const versions = await this.#context.withEngine((engine) =>
      engine.run('archiveVersions', input),
    );
    return new Map(versions.map((version) => [`${version.source}/${version.point}`, version]));
  }
}
