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
  /** 'xs': where room is scarce and what is beside it says what is asked. */
  readonly size?: 'xs' | 'sm';
}

/** Asked once, for all that is restored together. */
export function ClashChoice(props: ClashChoiceProps): ReactElement {
  const { clash, onChange, isAhead = false, size = 'sm' } = props;
  const words = t(isAhead ? 'clash.ahead' : 'clash.title');
  return (
    <Select
      size={size}
      {...(size === 'xs' ? { 'aria-label': words } : { label: words })}
      data={CLASHES.map((value) => ({ value, label: t(`clash.${value}`) }))}
      value={clash}
      onChange={(value) => value !== null && onChange(value)}
      allowDeselect={false}
    />
  );
}
