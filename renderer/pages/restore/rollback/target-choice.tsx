import { Radio, Select, Stack } from '@mantine/core';
import type { ReactElement } from 'react';
import type { DendroError } from '../../../../shared/errors.ts';
import { printable } from '../../../../shared/model/bytes-text.ts';
import type { Subvolume } from '../../../../shared/model/subvolume.ts';
import { useAsk } from '../../../bridge/queries.ts';
import { ErrorNotice } from '../../../parts/error-notice.tsx';
import { Waiting } from '../../../parts/waiting.tsx';
import { t } from '../../../text/index.ts';

/** Of these a person chooses at a glance; more of them are a list to search. */
const FEW = 4;

interface TargetChoiceProps {
  readonly volumeId: string;
  /** Why it has to be asked. */
  readonly error: DendroError;
  readonly chosen: number | undefined;
  readonly onChoose: (subvolumeId: number) => void;
}

/** Whether a plan for going back needs to be told what the moment takes the place of. */
export function asksForTarget({ code }: DendroError): boolean {
  return code === 'rollback-target-unclear' || code === 'rollback-target-unknown';
}

/** Which subvolume shall become as it was: somebody has put another in its place, or removed it. */
export function TargetChoice({
  volumeId,
  error,
  chosen,
  onChoose,
}: TargetChoiceProps): ReactElement {
  const all = useAsk('subvolumes.list', { volumeId });
  if (all.error) return <ErrorNotice error={all.error} urgent={false} />;
  if (!all.data) return <Waiting rows={2} rowPx={32} />;
  const options = candidates(all.data, error).map((subvolume) => ({
    value: String(subvolume.subvolumeId),
    label: labelOf(subvolume),
  }));
  if (options.length === 0) return <ErrorNotice error={error} urgent={false} />;
  const isUnclear = error.code === 'rollback-target-unclear';
  const value = chosen === undefined ? null : String(chosen);
  const choice = {
    label: t('rollback.which'),
    description: isUnclear ? t('rollback.whichUnclear') : t('rollback.whichUnknown'),
    value,
  };
  if (options.length > FEW) {
    return (
      <Select
        {...choice}
        searchable
        data={options}
        placeholder={t('rollback.choose')}
        nothingFoundMessage={t('rollback.noPlace')}
        onChange={(next) => next !== null && onChoose(Number(next))}
      />
    );
  }
  return (
    <Radio.Group {...choice} onChange={(next) => onChoose(Number(next))}>
      <Stack gap={8} mt={8}>
        {options.map((option) => (
          <Radio key={option.value} value={option.value} label={option.label} />
        ))}
      </Stack>
    </Radio.Group>
  );
}

/** What is mounted first: that is most likely what is used. */
function candidates(all: readonly Subvolume[], { values }: DendroError): Subvolume[] {
  const named = [values['heir'], values['target']];
  const found = all.filter(({ readOnly, whole, path }) => !readOnly && whole && path !== '');
  const asked = found.filter(({ path }) => named.includes(printable(path)));
  const offered = asked.length > 0 ? asked : found;
  const rank = ({ mountedPath }: Subvolume): number => (mountedPath === null ? 1 : 0);
  return offered.sort((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path));
}

function labelOf({ path, mountedPath }: Subvolume): string {
  const name = printable(path);
  return mountedPath === null
    ? t('rollback.placeAway', { name })
    : t('rollback.placeSeen', { name, at: printable(mountedPath) });
}
