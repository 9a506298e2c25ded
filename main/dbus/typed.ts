/** A value for a variant with its D-Bus type: `new Typed('ay', Buffer.from('secret'))`. */
export class Typed {
  readonly type: string;
  readonly value: unknown;

  constructor(type: string, value: unknown) {
    this.type = type;
    this.value = value;
  }
}
