import { lstatSync, readdirSync, type BigIntStats } from 'node:fs';
import { bytes, joinPath, showPath, type Path } from './syscalls.ts';

export type FileKind =
  'file' | 'directory' | 'symlink' | 'fifo' | 'socket' | 'block-device' | 'character-device';

export interface TreeNode {
  /** Below the top, escaped for people; distinct for distinct bytes. */
  readonly path: string;
  readonly absolute: Buffer;
  readonly kind: FileKind;
  readonly stat: BigIntStats;
  /** For a file with several links: the first of its paths in the tree and their number. */
  readonly links: string;
}

/** The number that the kernel gives the empty stand-in of a subvolume in a snapshot. */
const STUB_INODE = 2n;

/** The top and all below it, each directory before what is in it, names in byte order. */
export function walkTree(top: Path, ignore: (path: string) => boolean = () => false): TreeNode[] {
  const nodes: Omit<TreeNode, 'links'>[] = [];
  const visit = (absolute: Buffer, path: string): void => {
    const stat = lstatSync(absolute, { bigint: true });
    const kind = kindOf(stat);
    if (path !== '' && kind === 'directory' && stat.ino === STUB_INODE) return;
    nodes.push({ path, absolute, kind, stat });
    if (kind !== 'directory') return;
    for (const name of readdirSync(absolute, { encoding: 'buffer' }).sort(Buffer.compare)) {
      const below = path === '' ? showPath(name) : `${path}/${showPath(name)}`;
      if (!ignore(below)) visit(joinPath(absolute, name), below);
    }
  };
  visit(bytes(top), '');
  return withLinks(nodes);
}

function withLinks(nodes: readonly Omit<TreeNode, 'links'>[]): TreeNode[] {
  const groups = new Map<string, string[]>();
  const key = ({ stat }: { stat: BigIntStats }) => `${stat.dev}:${stat.ino}`;
  for (const node of nodes) {
    if (node.kind === 'directory' || node.stat.nlink === 1n) continue;
    const group = groups.get(key(node));
    if (group === undefined) groups.set(key(node), [node.path]);
    else group.push(node.path);
  }
  return nodes.map((node) => {
    if (node.kind === 'directory') return { ...node, links: '' };
    const group = groups.get(key(node)) ?? [node.path];
    return { ...node, links: `${group.length} of ${node.stat.nlink} as ${group[0]}` };
  });
}

function kindOf(stat: BigIntStats): FileKind {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'directory';
  if (stat.isSymbolicLink()) return 'symlink';
  if (stat.isFIFO()) return 'fifo';
  if (stat.isSocket()) return 'socket';
  return stat.isBlockDevice() ? 'block-device' : 'character-device';
}
