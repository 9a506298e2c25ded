import { unsupported } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { SshTarget } from './ssh-target.ts';

/** One word for the shell at the other end, whatever is in it. @throws Unsupported */
export function quoted(word: string): string {
  if (!word.isWellFormed() || /[\0\n\r]/.test(word)) {
    const message = say`The name "${{ name: printable(word) }}" cannot be given to the other machine's btrfs.`;
    throw unsupported('name-unsafe', message, {
      hint: 'Install Dendro there, or give it a name that is UTF-8 on one line.',
    });
  }
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A script for sh(1), whichever shell the user has at the other end; `words` are $1, $2 ... */
function script(text: string, words: readonly string[]): string {
  return ['exec', 'sh', '-c', quoted(text), 'dendro', ...words.map(quoted)].join(' ');
}

/** Starts Dendro where there is one; else says so, and whether there is btrfs-progs. */
export function greetCommand({ dendro = 'dendro', btrfs = 'btrfs' }: SshTarget): string {
  const text =
    `if ${existing(dendro)}; then exec ${dendro} receive --wire; fi; ` +
    `if ${existing(btrfs)}; then echo '{"stock":1,"isBtrfs":true}'; ` +
    `else echo '{"stock":1,"isBtrfs":false}'; fi`;
  return script(text, []);
}

/** Lists the snapshots in a folder with the stock tool. */
export function listCommand({ btrfs = 'btrfs', path }: SshTarget): string {
  const text =
    'cd "$1" || exit 1; df -P -B1 . | tail -n 1; ' +
    `for p in * ; do [ -d "$p" ] && s=$(${btrfs} subvolume show "$p" 2>/dev/null) ` +
    '&& printf "== %s\\n%s\\n" "$p" "$s"; done; echo "== end"';
  return script(text, [path]);
}

/**
 * Receives with the stock tool. That leaves a half snapshot under its final name when it fails,
 * so a mark stands beside it until it is whole: what has a mark is ours to remove.
 */
export function receiveCommand({ btrfs = 'btrfs', path }: SshTarget, name: string): string {
  const text =
    'cd "$1" || exit 1; n="$2"; m=".dendro-part-$n"; ' +
    `whole() { ${btrfs} subvolume show "$n" 2>/dev/null | grep -q "Flags:.*readonly"; }; ` +
    `drop() { ${btrfs} subvolume delete "$n" >/dev/null 2>&1; }; ` +
    'if [ -e "$m" ] && [ -e "$n" ]; then if whole; then rm -f "$m"; else drop; fi; fi; ' +
    'if [ -e "$n" ]; then echo exists; exit 1; fi; ' +
    ': > "$m" || exit 1; echo ready; ' +
    `if ${btrfs} receive -e . >&2; then s=0; ${btrfs} filesystem sync . >/dev/null; ` +
    'else s=1; drop; fi; rm -f "$m"; echo "status $s"';
  return script(text, [path, name]);
}

export function removeCommand({ btrfs = 'btrfs', path }: SshTarget, name: string): string {
  const text = `cd "$1" && ${btrfs} subvolume delete "./$2" >/dev/null && echo removed`;
  return script(text, [path, name]);
}

/** The first word that is no `sudo` or option of it: what has to be on PATH. */
function existing(words: string): string {
  const program = words.split(/\s+/).find((word) => word !== 'sudo' && !word.startsWith('-'));
  return `command -v ${program ?? words} >/dev/null 2>&1`;
}
