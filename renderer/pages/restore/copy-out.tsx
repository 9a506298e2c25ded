import { Button } from '@mantine/core';
import { IconDownload, IconGripVertical } from '@tabler/icons-react';
import { useState, type DragEvent, type ReactElement } from 'react';
import type { CopyRef } from '../../../shared/model/place.ts';
import { useConnection } from '../../bridge/queries.ts';
import { formatSize } from '../../format/size.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { t } from '../../text/index.ts';
import styles from './restore.module.css';

/** What one answer of the service holds; larger files are restored. */
const MOST_BYTES = 8 * 1_048_576;
/** Never opened by the browser as what it may be. */
const TYPE = 'application/octet-stream';

interface CopyOutProps {
  readonly at: CopyRef & { readonly path: string };
  readonly name: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
}

/**
 * A copy of a file for another program, without a restore: dragged out of the window, or saved as a
 * browser saves. A drag must have its bytes when it begins, so they are fetched when the pointer or
 * the focus comes near.
 */
export function CopyOut({ at, name, sizeBytes, modifiedAtMs }: CopyOutProps): ReactElement {
  const { bytes, error, fetch } = useBytes(at);
  if (sizeBytes > MOST_BYTES) {
    return <p className="quiet">{t('copyOut.large', { size: formatSize(MOST_BYTES) })}</p>;
  }
  const bridge = window.dendro;
  const near = { onPointerEnter: () => void fetch(), onFocus: () => void fetch() };
  const begin = (event: DragEvent): void => {
    if (bytes && !bridge) return offer(event, name, bytes);
    // The desktop's own drag takes over; without the bytes there is nothing to drag yet.
    event.preventDefault();
    if (bytes && bridge) bridge.drag({ name, bytes, modifiedAtMs });
  };
  return (
    <div>
      {bridge ? (
        <span className={styles.grip} draggable onDragStart={begin} {...near}>
          <IconGripVertical size={16} aria-hidden="true" />
          {t('copyOut.drag')}
        </span>
      ) : (
        <Button
          variant="default"
          size="xs"
          leftSection={<IconDownload size={15} aria-hidden="true" />}
          title={t('copyOut.saveHelp')}
          draggable
          onDragStart={begin}
          onClick={() => void fetch().then((all) => all && save(name, all))}
          {...near}
        >
          {t('copyOut.save')}
        </Button>
      )}
      {error !== null && <ErrorNotice error={error} />}
    </div>
  );
}

function useBytes(at: CopyOutProps['at']) {
  const connection = useConnection();
  const [bytes, setBytes] = useState<Uint8Array<ArrayBuffer>>();
  const [error, setError] = useState<unknown>(null);
  const [under, setUnder] = useState<Promise<Uint8Array<ArrayBuffer> | undefined>>();
  const ask = async (): Promise<Uint8Array<ArrayBuffer> | undefined> => {
    try {
      const answer = await connection.call('file.preview', { ...at, limitBytes: MOST_BYTES });
      const all = Uint8Array.from(atob(answer.base64), (char) => char.charCodeAt(0));
      setBytes(all);
      setError(null);
      return all;
    } catch (problem) {
      // The next time it is asked for anew: a drive may be back.
      setUnder(undefined);
      setError(problem);
      return undefined;
    }
  };
  const fetch = (): Promise<Uint8Array<ArrayBuffer> | undefined> => {
    const asked = under ?? ask();
    if (!under) setUnder(asked);
    return asked;
  };
  return { bytes, error, fetch };
}

/** The browser writes the file where it is dropped. */
function offer(event: DragEvent, name: string, bytes: Uint8Array<ArrayBuffer>): void {
  const address = addressOf(bytes);
  // What stands between the colons of the three parts.
  const plain = name.replaceAll(':', '_');
  event.dataTransfer.effectAllowed = 'copy';
  event.dataTransfer.setData('DownloadURL', `${TYPE}:${plain}:${address}`);
}

function save(name: string, bytes: Uint8Array<ArrayBuffer>): void {
  const link = document.createElement('a');
  link.href = addressOf(bytes);
  link.download = name;
  link.click();
}

/** Lives as long as the copying may take. */
function addressOf(bytes: Uint8Array<ArrayBuffer>): string {
  const address = URL.createObjectURL(new Blob([bytes], { type: TYPE }));
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  return address;
}
