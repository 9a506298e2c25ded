import { NumberInput } from '@mantine/core';
import type { ReactElement } from 'react';

interface WholeProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly onChange: (value: number) => void;
}

/** A whole number within limits; what is not one is not taken over. */
export function Whole({ label, value, min, max, onChange }: WholeProps): ReactElement {
  return (
    <NumberInput
      label={label}
      value={value}
      min={min}
      max={max}
      allowDecimal={false}
      clampBehavior="strict"
      onChange={(next) => typeof next === 'number' && next >= min && next <= max && onChange(next)}
    />
  );
}
