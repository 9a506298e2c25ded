import type { RestorePreview } from '../../../shared/model/backup.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import { formatCount, formatSize } from '../../format/size.ts';
import { t } from '../../text/index.ts';

/** Something stands where one of them goes. */
export function hasClash({ items, skipped }: RestorePreview): boolean {
  return skipped > 0 || items.some((item) => item.keepsExisting || item.aside !== null);
}

/** What the button does, no more and no less. */
export function buttonWords({ items }: RestorePreview, paths: readonly string[]): string {
  const [item] = items;
  if (!item) return t('restore.nothing');
  const { folder, name: target } = split(item.to);
  const place = folder === '' ? '/' : split(folder).name;
  if (items.length > 1 || paths.length > 1)
    return t('restore.buttonMany', { count: items.length, folder: place });
  const name = item.from === '' ? t('restore.all') : split(printable(item.from)).name;
  if (item.keepsExisting) return t('restore.buttonBeside', { name: target });
  if (item.aside !== null) return t('restore.buttonReplace', { name: target });
  return t('restore.buttonTo', { name, folder: place });
}

/** How much, where to, what stays, and what it takes: a line each. */
export function willWords(preview: RestorePreview): string {
  const { items, files, bytes, skipped, sharesExtents } = preview;
  const [item] = items;
  const figures = { count: files, files: formatCount(files), size: formatSize(bytes) };
  const path = printable(items.length === 1 ? (item?.to ?? '') : split(item?.to ?? '').folder);
  const parts = [
    item?.keepsExisting ? t('restore.willKeep', { ...figures, path }) : '',
    item && !item.keepsExisting ? t('restore.will', { ...figures, path }) : '',
    item?.aside ? t('restore.aside', { name: split(printable(item.aside)).name }) : '',
    skipped > 0 ? t('restore.skipped', { count: skipped }) : '',
    item ? t(sharesExtents ? 'restore.shares' : 'restore.copies') : '',
  ];
  return parts.filter((part) => part !== '').join('\n');
}

export function roomWords({ neededBytes, freeBytes }: RestorePreview): string {
  return t('restore.noRoom', {
    needed: formatSize(neededBytes),
    free: formatSize(freeBytes),
    missing: formatSize(Math.max(0, neededBytes - freeBytes)),
  });
}

function split(path: string): { folder: string; name: string } {
  const cut = path.lastIndexOf('/');
  return { folder: path.slice(0, Math.max(0, cut)), name: printable(path.slice(cut + 1)) };
}
