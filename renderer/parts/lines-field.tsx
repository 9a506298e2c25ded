import { Textarea } from '@mantine/core';
import { useState, type ReactElement } from 'react';

interface LinesFieldProps {
  readonly label: string;
  readonly lines: readonly string[];
  readonly onChange: (lines: string[]) => void;
  readonly placeholder?: string;
  readonly hideLabel?: boolean;
}

/** One thing a line; lines without anything count as none. */
export function LinesField(props: LinesFieldProps): ReactElement {
  const { label, lines, onChange, placeholder, hideLabel = false } = props;
  // As typed: an empty line at the end must not vanish while somebody is about to fill it.
  const [text, setText] = useState(() => lines.join('\n'));
  return (
    <Textarea
      {...(hideLabel ? { 'aria-label': label } : { label })}
      {...(placeholder === undefined ? {} : { placeholder })}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        onChange(event.currentTarget.value.split('\n').filter((line) => line.trim() !== ''));
      }}
      minRows={3}
      autosize
      maxRows={12}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
    />
  );
}
