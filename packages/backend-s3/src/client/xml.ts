const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** The texts of all elements of a name, in order. Reads what S3 answers, where elements with text hold no others, and no more. */
export function textsOf(xml: string, element: string): string[] {
  return Array.from(
    xml.matchAll(new RegExp(`<${element}(?:\\s[^>]*)?>([^<]*)</${element}>`, "g")),
    ([, text]) => decode(text!),
  );
}

/** The text of the first element of a name. */
export function textOf(xml: string, element: string): string | undefined {
  return textsOf(xml, element)[0];
}

function decode(text: string): string {
  return text.replace(
    /&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal);
      return code > 0x10_ff_ff ? whole : String.fromCodePoint(code);
    },
  );
}
