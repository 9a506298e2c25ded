import type { z } from 'zod';
import { counted, noted, say, type Note } from '../said.ts';

/** zod keeps the text of a message alone: the note that it came from is found again by it. */
const own = new Map<string, Note>();

/** A message of ours for a schema, told in other languages by its code. */
export function because(note: Note): string {
  own.set(note.text, note);
  return note.text;
}

/** Why a value is not taken, as half a sentence: what a person reads of an issue of zod. */
export function reasonOf(issue: z.core.$ZodIssue): Note {
  const ours = own.get(issue.message);
  if (ours) return ours;
  switch (issue.code) {
    case 'invalid_type':
      return typeReason(issue);
    case 'too_small':
      return smallReason(issue);
    case 'too_big':
      return bigReason(issue);
    case 'invalid_value': {
      const choices = { choices: issue.values.map(String).join(', ') };
      return noted('needs-one-of', say`one of these is needed: ${choices}`);
    }
    default:
      return noted('wrong-form', 'it has not the right form');
  }
}

/** `"name": it is missing`; the reason alone where the whole is meant. */
export function reasonAt(path: readonly PropertyKey[], reason: Note): Note {
  const field = { field: path.map(String).join('.') };
  return field.field === '' ? reason : noted('wrong-field', say`"${field}": ${{ reason }}`);
}

function typeReason({ expected, message }: z.core.$ZodIssueInvalidType): Note {
  // What was given stands in zod's message alone.
  if (message.endsWith('received undefined')) return noted('it-is-missing', 'it is missing');
  switch (expected) {
    case 'string':
      return noted('needs-text', 'text is needed');
    case 'number':
    case 'int':
      return noted('needs-number', 'a whole number is needed');
    case 'boolean':
      return noted('needs-yes-or-no', 'true or false is needed');
    case 'array':
      return noted('needs-list', 'a list is needed');
    default:
      return noted('wrong-form', 'it has not the right form');
  }
}

function smallReason({ origin, minimum }: z.core.$ZodIssueTooSmall): Note {
  const count = { count: Number(minimum) };
  if ((origin === 'string' || origin === 'array') && count.count === 1)
    return noted('it-is-empty', 'it is empty');
  if (origin === 'string') {
    const characters = counted(count.count, 'character', 'characters');
    return noted('too-few-characters', say`it has fewer than ${count} ${characters}`);
  }
  if (origin === 'array') {
    const entries = counted(count.count, 'entry', 'entries');
    return noted('too-few-entries', say`it has fewer than ${count} ${entries}`);
  }
  return noted('too-small', say`it is less than ${{ least: count.count }}`);
}

function bigReason({ origin, maximum }: z.core.$ZodIssueTooBig): Note {
  const count = { count: Number(maximum) };
  if (origin === 'string')
    return noted('too-many-characters', say`it has more than ${count} characters`);
  if (origin === 'array') return noted('too-many-entries', say`it has more than ${count} entries`);
  return noted('too-large', say`it is more than ${{ most: count.count }}`);
}
