// Charts are written as text: what renders them without a browser is dozens of packages (vega) or of megabytes (ECharts).

/** Colours by name, for light and dark pages. */
const STYLE = `
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-size: 15px; font-weight: 600 }
.small { font-size: 10px; fill: #57606a }
.end { text-anchor: end }
.middle { text-anchor: middle }
.grid { stroke: #d0d7de; stroke-width: 1 }
.one { stroke: #57606a; stroke-width: 1.5 }
.ahead { fill: #1a7f64 }
.behind { fill: #bc4c00 }
.bar { stroke: #24292f; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
  text, .bar { fill: #e6edf3; stroke: none }
  .bar { stroke: #e6edf3 }
  .small { fill: #8d96a0 }
  .grid { stroke: #3d444d }
  .one { stroke: #8d96a0 }
  .ahead { fill: #3fb68b }
  .behind { fill: #f0883e }
}`;

// Seen apart by those who do not see red and green (Okabe and Ito, 2008).
const COLOURS = [
  "#0072b2",
  "#e69f00",
  "#009e73",
  "#cc79a7",
  "#56b4e9",
  "#d55e00",
  "#999999",
  "#b8a800",
  "#7b3fa0",
];

/** The colour of a line by its number. */
export function colourOf(number: number): string {
  return COLOURS[number % COLOURS.length]!;
}

/** Names a line, beside a dot of its colour. */
export function lineLabel(x: number, y: number, content: string, colour: string): string {
  return `<circle cx="${fixed(x)}" cy="${fixed(y)}" r="4" fill="${colour}"/>${text(x + 10, y + 4, content)}`;
}

/** Makes a drawing of its elements, with a title for those who cannot see it. */
export function drawing(width: number, height: number, title: string, elements: readonly string[]): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `role="img" aria-label="${escape(title)}">\n<title>${escape(title)}</title>\n<style>${STYLE}\n</style>\n` +
    `${elements.join("\n")}\n</svg>\n`
  );
}

/** Writes text at a place. */
export function text(x: number, y: number, content: string, className = ""): string {
  return `<text x="${fixed(x)}" y="${fixed(y)}"${classOf(className)}>${escape(content)}</text>`;
}

/** Draws a line. */
export function line(x1: number, y1: number, x2: number, y2: number, className: string): string {
  return `<line x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}"${classOf(className)}/>`;
}

/** Draws a box between two places of x. */
export function box(x1: number, x2: number, y: number, height: number, className: string): string {
  const [from, to] = x1 < x2 ? [x1, x2] : [x2, x1];
  return `<rect x="${fixed(from)}" y="${fixed(y)}" width="${fixed(to - from)}" height="${height}"${classOf(className)}/>`;
}

/** Draws a line through places, with a dot at each. */
export function path(places: readonly (readonly [x: number, y: number])[], colour: string): string {
  const d = places.map(([x, y], at) => `${at === 0 ? "M" : "L"}${fixed(x)} ${fixed(y)}`).join("");
  const dots = places
    .map(([x, y]) => `<circle cx="${fixed(x)}" cy="${fixed(y)}" r="3" fill="${colour}"/>`)
    .join("");
  return `<path d="${d}" fill="none" stroke="${colour}" stroke-width="2"/>${dots}`;
}

/** Places numbers between two ends by their logarithms. */
export function logScale(
  [least, most]: readonly [number, number],
  [from, to]: readonly [number, number],
): (value: number) => number {
  const span = Math.log(most / least);
  return (value) => {
    const clamped = Math.min(most, Math.max(least, value));
    return from + (Math.log(clamped / least) / span) * (to - from);
  };
}

/** Places numbers from 0 to the most between two ends. */
export function linearScale(most: number, [from, to]: readonly [number, number]): (value: number) => number {
  return (value) => from + (value / most) * (to - from);
}

/** Powers of ten from one to another, both within. */
export function powersOfTen(least: number, most: number): number[] {
  const powers: number[] = [];
  for (let exponent = Math.ceil(Math.log10(least) - 1e-9); 10 ** exponent <= most * (1 + 1e-9); exponent++)
    powers.push(10 ** exponent);
  return powers;
}

function classOf(className: string): string {
  return className === "" ? "" : ` class="${className}"`;
}

function fixed(value: number): string {
  return String(Number(value.toFixed(1)));
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
