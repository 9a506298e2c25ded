import type { ReactElement } from 'react';
import type { Noted } from '../../shared/said.ts';
import { toldNote } from '../model/our-words.ts';

/** What a run noted, in the language of the page; the service's own English is marked as such. */
export function NotedText({ note }: { readonly note: Noted }): ReactElement {
  const { text, isOurs } = toldNote(note);
  return <span {...(isOurs ? {} : { lang: 'en' })}>{text}</span>;
}
