import type { NoteWords } from '../../words.ts';

/** Anmerkungen zu Vorgängen und was ihre Schritte von sich sagen. */
export const notes: NoteWords = {};
