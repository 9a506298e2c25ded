import { Select } from '@mantine/core';
import type { ReactElement } from 'react';
import type { RestoreRequest } from '../../../shared/model/backup.ts';
import { t } from '../../text/index.ts';

export type Clash = NonNullable<RestoreRequest['clash']>;

const CLASHES: readonly Clash[] = ['keep-both', 'replace', 'skip'];

interface ClashChoiceProps {
  readonly clash: Clash;
  readonly onChange: (clash: Clash) => void;
  /** Whether something is there is known only when it is restored. */
  readonly isAhead?: boolean;
  readonly size?: 'xs' | 'sm';
}

/** Asked once, for all that is restored together. */
export function ClashChoice(props: ClashChoiceProps): ReactElement {
  const { clash, onChange, isAhead = false, size = 'sm' } = props;
  return (
    <Select
      size={size}
      label={t(isAhead ? 'clash.ahead' : 'clash.title')}
      data={CLASHES.map((value) => ({ value, label: t(`clash.${value}`) }))}
      value={clash}
      onChange={(value) => value !== null && onChange(value)}
      allowDeselect={false}
    />
  );
}
