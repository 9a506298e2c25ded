/**
 * What says which subvolume is the system's: fstab(5), and the kernel's command line in boot
 * loader entries. Pure: texts in, facts out.
 */

/** How a btrfs subvolume is named to mount it. */
export interface SubvolumeChoice {
  /** From the top level, without slashes at either end; null when it is not named so. */
  readonly path: string | null;
  readonly id: number | null;
}

export interface FstabEntry extends SubvolumeChoice {
  readonly line: number;
  readonly spec: string;
  readonly mountPoint: string;
  readonly type: string;
}

/** The entries of an fstab; spaces in fields are \040 there. */
export function parseFstab(text: string): FstabEntry[] {
  return text.split('\n').flatMap((content, line) => {
    const fields = content.trim().split(/[ \t]+/);
    if (content.trim().startsWith('#') || fields.length < 3) return [];
    const [spec, mountPoint, type, options = ''] = fields.map(unescaped);
    return [
      { line, spec: spec!, mountPoint: mountPoint!, type: type!, ...choiceOf(options.split(',')) },
    ];
  });
}

/** Each `rootflags=` of a boot loader's file, whatever its syntax. */
export function rootChoices(text: string): SubvolumeChoice[] {
  return [...text.matchAll(/\brootflags=["']?([^\s"']+)/g)]
    .map(([, flags]) => choiceOf(flags!.split(',')))
    .filter(({ path, id }) => path !== null || id !== null);
}

/**
 * The same fstab with `subvolid=` taken out where it names `oldId`: by number the old subvolume
 * would be mounted again. Where no path stands beside it, `path` takes its place.
 */
export function withoutNumber(text: string, oldId: number, path: string): string {
  const entries = new Map(parseFstab(text).map((entry) => [entry.line, entry]));
  return text
    .split('\n')
    .map((content, line) => {
      const entry = entries.get(line);
      if (entry?.id !== oldId || entry.type !== 'btrfs') return content;
      const name = entry.path === null ? `subvol=/${escaped(path)}` : '';
      return content.replace(/subvolid=\w+/, name).replace(/,(?=,|\s)|(?<=\s),/g, '');
    })
    .join('\n');
}

function choiceOf(options: readonly string[]): SubvolumeChoice {
  const value = (name: string): string | undefined =>
    options.findLast((option) => option.startsWith(`${name}=`))?.slice(name.length + 1);
  const path = value('subvol');
  const id = value('subvolid');
  return {
    path: path === undefined ? null : path.replace(/^\/+|\/+$/g, ''),
    id: id === undefined ? null : Number(id),
  };
}

function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(parseInt(digits, 8)),
  );
}

function escaped(path: string): string {
  return path.replace(/[\s\\]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
