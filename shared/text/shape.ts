/**
 * What a language must have to stand in for the English one: the same keys, every one a sentence.
 * A missing one fails the type check. Forms of the plural that English does not have (`_few`,
 * `_many`, `_two`, `_zero`) may be added to every counted sentence.
 */
export type Translated<English> = {
  readonly [K in keyof English]: English[K] extends string ? string : Translated<English[K]>;
} & { readonly [K in MoreForms<keyof English>]?: string };

type MoreForms<Key> = Key extends `${infer Counted}_other`
  ? `${Counted}_${'zero' | 'two' | 'few' | 'many'}`
  : never;
