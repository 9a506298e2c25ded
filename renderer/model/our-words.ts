import type { Noted } from '../../shared/said.ts';
import { toldNote as toldIn, type Told } from '../../shared/text/tell.ts';
import { tongue } from '../text/index.ts';

/** What a run noted, or a step says of itself. Those of older versions stay as they are. */
export function toldNote(note: Noted): Told {
  return toldIn(note, tongue());
}

/** What a run is called. */
export function runTitle({ title }: { readonly title: Noted }): string {
  return toldNote(title).text;
}
