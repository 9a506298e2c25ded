import { Button, Checkbox, Group, SegmentedControl, Stack, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { PlanDraft } from '../../../shared/model/plan.ts';
import { useAct } from '../../bridge/queries.ts';
import { planSentence } from '../../model/plan-words.ts';
import { CopyLine } from '../../parts/copy-line.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { t } from '../../text/index.ts';
import styles from './plans.module.css';
import { NotedText } from '../../parts/noted.tsx';
import type { Note } from '../../../shared/said.ts';

const TOOLS = [
  { value: 'btrbk', label: 'btrbk' },
  { value: 'snapper', label: 'Snapper' },
] as const;

/** Plans out of the configuration of btrbk or Snapper: looked at first, then created. */
export function ImportDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const look = useAct('otherTools.plans');
  const [tool, setTool] = useState<'btrbk' | 'snapper'>('btrbk');
  const [path, setPath] = useState('');
  const lookNow = (): void => look.mutate({ tool, ...(path === '' ? {} : { path }) });
  return (
    <Dialog onClose={onClose} title={t('planImport.title')} size={640}>
      <Stack>
        <SegmentedControl
          aria-label={t('planImport.tool')}
          data={[...TOOLS]}
          value={tool}
          onChange={(value) => {
            setTool(value === 'snapper' ? 'snapper' : 'btrbk');
            look.reset();
          }}
        />
        <Group align="flex-end" wrap="nowrap">
          <TextInput
            label={t('planImport.path')}
            description={t('planImport.pathHelp')}
            value={path}
            onChange={(event) => setPath(event.currentTarget.value)}
            flex={1}
          />
          <Button variant="default" loading={look.isPending} onClick={lookNow}>
            {t('planImport.look')}
          </Button>
        </Group>
        <CopyLine text={`dendro import ${tool}`} />
        {look.error && <ErrorNotice error={look.error} />}
        {look.data && (
          <Found
            key={look.submittedAt}
            drafts={look.data.drafts}
            notes={look.data.notes}
            onDone={onClose}
          />
        )}
      </Stack>
    </Dialog>
  );
}

interface FoundProps {
  readonly drafts: readonly PlanDraft[];
  readonly notes: readonly Note[];
  readonly onDone: () => void;
}

function Found({ drafts, notes, onDone }: FoundProps): ReactElement {
  const create = useAct('plans.create', ['plans.list', 'sources.list']);
  const [chosen, setChosen] = useState(() => drafts.map(() => true));
  const wanted = drafts.filter((_, i) => chosen[i]);
  const takeOver = async (): Promise<void> => {
    for (const draft of wanted) await create.mutateAsync(draft);
    onDone();
  };
  return (
    <>
      {drafts.length === 0 && <p className="plain">{t('planImport.none')}</p>}
      {drafts.map((draft, i) => (
        <Checkbox
          key={draft.name}
          label={draft.name}
          description={planSentence(
            draft,
            draft.sources.map(({ path }) => path),
            t('plans.driveAway'),
          )}
          checked={chosen[i] ?? false}
          onChange={(event) => setChosen(chosen.with(i, event.currentTarget.checked))}
        />
      ))}
      {notes.length > 0 && (
        <section>
          <h3 className={styles.notesHead}>{t('planImport.notes')}</h3>
          <ul className={styles.notes}>
            {notes.map((note) => (
              <li key={note.text}>
                <NotedText note={note} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {create.error && <ErrorNotice error={create.error} />}
      {drafts.length > 0 && (
        <Group justify="flex-end">
          <Button
            disabled={wanted.length === 0}
            loading={create.isPending}
            onClick={() => void takeOver().catch(() => undefined)}
          >
            {t('planImport.create', { count: wanted.length })}
          </Button>
        </Group>
      )}
    </>
  );
}
