/**
 * How values of a class of the user's are encoded. Data written with an id can be read for as long as an
 * extension of that id reads it: never give the id to another class.
 */
// Method signatures: an extension of one class stands in a list of extensions of any.
export interface ValueExtension<T extends object = object, C = unknown> {
  /** 0–127, stable for ever. */
  readonly id: number;
  /** The class whose own instances are meant; subclasses are not, for they would come back as their parent. */
  readonly class?: (abstract new (...args: never[]) => T) | undefined;
  /** Tells which objects are meant, instead of `class`. Not asked for plain objects, arrays, Maps, Sets and Dates. */
  readonly is?: ((value: object) => boolean) | undefined;
  /** Makes of `value` what can be encoded: bytes, plain values, also instances of other extensions. */
  encode(value: T): C;
  /** Makes the value again of what {@link ValueExtension.encode} gave; untrusted input may hold anything else. */
  decode(content: C): T;
}

/** Extensions, found by value and by id. */
export class ExtensionTable {
  readonly #byId = new Map<number, ValueExtension>();
  readonly #byPrototype = new Map<unknown, ValueExtension>();
  readonly #asking: ValueExtension[] = [];

  constructor(extensions: readonly ValueExtension[]) {
    for (const extension of extensions) {
      this.#byId.set(extension.id, extension);
      if (extension.class === undefined) this.#asking.push(extension);
      else this.#byPrototype.set(extension.class.prototype, extension);
    }
  }

  byId(id: number): ValueExtension | undefined {
    return this.#byId.get(id);
  }

  find(value: object, prototype: unknown): ValueExtension | undefined {
    return this.#byPrototype.get(prototype) ?? this.#asking.find((extension) => extension.is?.(value));
  }
}
