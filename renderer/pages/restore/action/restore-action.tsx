import { Button, SegmentedControl, Stack, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState, type ReactElement } from 'react';
import type { RestorePreview, RestoreRequest } from '../../../../shared/model/backup.ts';
import { printable } from '../../../../shared/model/bytes-text.ts';
import type { CopyRef } from '../../../../shared/model/place.ts';
import { useAct, useAsk } from '../../../bridge/queries.ts';
import { CopyLine } from '../../../parts/copy-line.tsx';
import { ErrorNotice } from '../../../parts/error-notice.tsx';
import { Notice } from '../../../parts/notice.tsx';
import { t } from '../../../text/index.ts';
import { ClashChoice, type Clash } from '../../../parts/restore/clash-choice.tsx';
import styles from '../../../parts/restore/restore.module.css';
import { RestoreOutcome } from '../../../parts/restore/restore-outcome.tsx';
import { buttonWords, hasClash, roomWords, willWords } from '../../../parts/restore/words.ts';

type Where = RestoreRequest['destination']['kind'];

interface RestoreActionProps {
  readonly point: CopyRef;
  /** The path '' is everything. */
  readonly paths: readonly string[];
}

/** Where to, and a button that says exactly what it will do; afterwards what was done. */
export function RestoreAction({ point, paths }: RestoreActionProps): ReactElement {
  const info = useAsk('service.info', {});
  // A whole point is not laid over what is there now.
  const isWhole = paths.includes('');
  const [where, setWhere] = useState<Where>(isWhole ? 'folder' : 'original');
  const [typed, setTyped] = useState<string | null>(null);
  const [clash, setClash] = useState<Clash>('keep-both');
  const folder = typed ?? info.data?.homePath ?? '';
  const [settled] = useDebouncedValue(folder, 250);
  const request: RestoreRequest = {
    point,
    paths: [...paths],
    destination: where === 'folder' ? { kind: where, path: settled } : { kind: where },
    clash: where === 'beside' ? 'keep-both' : clash,
  };
  const usable = where !== 'folder' || settled.startsWith('/');
  const preview = useAsk('restore.preview', request, { enabled: usable, staleMs: 0, keep: true });
  const start = useAct('restore.start');
  if (start.data) return <RestoreOutcome runId={start.data.runId} onAgain={() => start.reset()} />;
  // While the next answer is on its way the last one is not what the button would do.
  const isKnown = usable && !preview.error && !preview.isPlaceholderData;
  const plan = isKnown ? preview.data : undefined;
  const isTaken = preview.data !== undefined && hasClash(preview.data);
  const asks = where !== 'beside' && (clash !== 'keep-both' || isTaken);
  return (
    <Stack gap="xs">
      {!isWhole && (
        <SegmentedControl
          size="xs"
          fullWidth
          aria-label={t('restore.where')}
          value={where}
          onChange={(value) => setWhere(value as Where)}
          data={[
            { value: 'original', label: t('restore.toOriginal') },
            { value: 'beside', label: t('restore.toBeside') },
            { value: 'folder', label: t('restore.toFolder') },
          ]}
        />
      )}
      {where === 'folder' && (
        <TextInput
          size="xs"
          aria-label={t('restore.folder')}
          value={folder}
          onChange={(event) => setTyped(event.currentTarget.value)}
          error={folder !== '' && !folder.startsWith('/') ? t('restore.folderAbsolute') : undefined}
        />
      )}
      {asks && <ClashChoice size="xs" clash={clash} onChange={setClash} />}
      {preview.error && <ErrorNotice error={preview.error} urgent={false} />}
      {plan && !plan.fits && <Notice tone="needs-you">{roomWords(plan)}</Notice>}
      {plan && <Holders preview={plan} />}
      {start.error && <ErrorNotice error={start.error} />}
      <Button
        className={styles.go}
        disabled={!plan || !plan.fits || plan.items.length === 0}
        loading={start.isPending}
        onClick={() => start.mutate(request)}
      >
        <bdi>
          {plan
            ? buttonWords(plan, paths)
            : t(preview.error ? 'restore.nothing' : 'restore.counting')}
        </bdi>
      </Button>
      {plan && <p className={styles.will}>{willWords(plan)}</p>}
      {plan && (
        <details className={styles.command}>
          <summary>{t('action.sameCommand')}</summary>
          <CopyLine text={plan.commandLine} />
        </details>
      )}
    </Stack>
  );
}

function Holders({ preview }: { readonly preview: RestorePreview }): ReactElement | null {
  const [first] = preview.holders;
  if (!first) return null;
  const programs = [...new Set(preview.holders.map(({ program }) => program))];
  return (
    <Notice tone="needs-you">
      {t('restore.open', { count: programs.length, programs: programs.join(', ') })}{' '}
      <span className="quiet">{printable(first.path)}</span>
    </Notice>
  );
}
