import type {
  ComparisonEntry,
  ComparisonSummary,
  Difference,
  DifferenceCounts,
  DifferenceKind,
} from '../../../shared/model/comparison.ts';

interface Folder {
  /** By name. */
  readonly entries: Map<string, ComparisonEntry>;
}

/** What a comparison found, kept for as long as somebody turns its pages. */
export class ComparisonReport {
  readonly summary: ComparisonSummary;
  /** In the order of paths. */
  readonly #differences: readonly Difference[];
  /** By path; made when the tree is first asked for. */
  #folders: Map<string, Folder> | undefined;

  constructor(summary: ComparisonSummary, differences: readonly Difference[]) {
    this.summary = summary;
    this.#differences = differences;
  }

  list(below: string, kinds: readonly DifferenceKind[]): readonly Difference[] {
    if (below === '' && kinds.length === 0) return this.#differences;
    return this.#differences.filter(
      ({ path, kind }) =>
        (below === '' || path === below || path.startsWith(`${below}/`)) &&
        (kinds.length === 0 || kinds.includes(kind)),
    );
  }

  /** Folders first, then by name. */
  folder(path: string): ComparisonEntry[] {
    this.#folders ??= foldersOf(this.#differences);
    const entries = [...(this.#folders.get(path)?.entries.values() ?? [])];
    return entries.sort(
      (a, b) => Number(b.isFolder) - Number(a.isFolder) || (a.name < b.name ? -1 : 1),
    );
  }
}

/** The folder '' has an entry of its own name '' when the top itself differs. */
function foldersOf(differences: readonly Difference[]): Map<string, Folder> {
  const folders = new Map<string, Folder>();
  const entryAt = (path: string): ComparisonEntry => {
    const slash = path.lastIndexOf('/');
    const parent = slash < 0 ? '' : path.slice(0, slash);
    let folder = folders.get(parent);
    if (folder === undefined) folders.set(parent, (folder = { entries: new Map() }));
    const name = path.slice(slash + 1);
    let entry = folder.entries.get(name);
    if (entry === undefined) {
      entry = { name, path, isFolder: false, differences: [], below: none() };
      folder.entries.set(name, entry);
    }
    return entry;
  };
  for (const difference of differences) {
    const { path, kind, type } = difference;
    const entry = entryAt(path);
    entry.differences.push(difference);
    if (type === 'directory') entry.isFolder = true;
    for (let cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) {
      const above = entryAt(path.slice(0, cut));
      above.isFolder = true;
      above.below[kind] += 1;
    }
  }
  return folders;
}

function none(): DifferenceCounts {
  return { added: 0, removed: 0, moved: 0, modified: 0, metadata: 0 };
}
