/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { InspectedStore, InspectedTrace } from "./inspector.ts";

// What the page runs. Its functions are sent as they are written, as text, so that nothing is built for it, and a test that
// runs the sources has the same page: they use each other, and nothing else of this module or of another.

/** A row as a line of NDJSON has it. */
interface Line {
  readonly key?: unknown;
  readonly value?: unknown;
  readonly weight?: number;
}

/** Makes an element; what is put into it is text, never markup. */
function make(tag: string, className: string, ...inside: readonly (Node | string)[]): HTMLElement {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  element.append(...inside);
  return element;
}

/** Asks the server; what it refuses is an error with its words. */
async function ask(path: string): Promise<string> {
  const response = await fetch(path);
  const text = await response.text();
  if (response.ok) return text;
  throw new Error(
    response.status < 500 && !text.startsWith("{") ? text : (JSON.parse(text) as Error).message,
  );
}

/** Tells a person what has come of something. */
function tell(text: string, isBad: boolean): void {
  const told = document.getElementById("told")!;
  told.textContent = text;
  told.className = isBad ? "bad" : "";
}

function bytesText(bytes: number): string {
  return `${(bytes / 1000).toLocaleString("en", { maximumFractionDigits: 1 })} kB`;
}

/** The levels of a trace: a bar for each batch, as wide as its rows are many. */
function drawLevels(trace: InspectedTrace): HTMLElement {
  const widest = Math.max(1, ...trace.levels.map(({ rows }) => rows));
  const lines = trace.levels.map(({ level, batches, rows }) => {
    const bars = make("span", "bars");
    for (let at = 0; at < Math.min(batches, 64); at++) {
      const bar = make("span", "batch");
      bar.style.width = `${(100 * rows) / batches / widest}%`;
      bars.append(bar);
    }
    const size = `${batches} × ${Math.round(rows / batches).toLocaleString("en")} rows`;
    return make("div", "level", make("span", "", `level ${level}`), bars, make("span", "quiet", size));
  });
  return make("div", "levels", ...(lines.length > 0 ? lines : [make("p", "quiet", "no batches yet")]));
}

function figuresOf(trace: InspectedTrace): string {
  const { rows, totalWeight, storedBytes, kind, since, lastComplete } = trace;
  const times =
    since === undefined
      ? ""
      : ` · times from ${Number.isSafeInteger(since - 1) ? since : "the first"} on, ${lastComplete === null ? "none complete" : `complete up to ${lastComplete}`}`;
  const counts = `${rows.toLocaleString("en")} rows, weight ${totalWeight.toLocaleString("en")}`;
  return `${counts}, ${bytesText(storedBytes)} stored${kind === "" ? "" : ` · ${kind}`}${times}`;
}

function drawRows(text: string): HTMLElement {
  const lines = text
    .trimEnd()
    .split("\n")
    .filter((line) => line !== "");
  if (lines.length === 0) return make("p", "quiet", "no rows");
  const table = make(
    "table",
    "",
    make("tr", "", ...["key", "value", "weight"].map((name) => make("th", "", name))),
  );
  for (const line of lines) {
    const { key, value, weight = 1 } = JSON.parse(line) as Line;
    const cells = [key, value, weight].map((cell) => make("td", "", JSON.stringify(cell) ?? ""));
    table.append(make("tr", weight < 0 ? "minus" : "", ...cells));
  }
  return table;
}

/** An input with the words before it. */
function labelled(
  words: string,
  type: string,
): { readonly label: HTMLElement; readonly input: HTMLInputElement } {
  const input = document.createElement("input");
  input.type = type;
  return { label: make("label", "", words, input), input };
}

/** A trace with its levels, and a form that asks for its rows. */
function drawTrace(trace: InspectedTrace): HTMLElement {
  const levels = make("div", "", drawLevels(trace));
  const figures = make("p", "quiet figures", figuresOf(trace));
  const shown = make("div", "rows");
  const from = labelled("from key", "text");
  const asOf = labelled("as of time", "number");
  const button = make("button", "", "Show rows");
  const form = make("form", "", from.label, ...(trace.since === undefined ? [] : [asOf.label]), button);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const query = new URLSearchParams({ trace: trace.name, from: from.input.value });
    if (asOf.input.value !== "") query.set("asOf", asOf.input.value);
    ask(`rows?${query.toString()}`).then(
      (text) => {
        tell("", false);
        shown.replaceChildren(drawRows(text));
      },
      (error: unknown) => {
        tell((error as Error).message, true);
      },
    );
  });
  const schema = make("p", "quiet", trace.fingerprint);
  const section = make("section", "", make("h2", "", trace.name), schema, figures, levels, form, shown);
  section.dataset["trace"] = trace.name;
  return section;
}

/** Draws what is there now: traces that are drawn already keep the rows that they show. */
function drawStore(store: InspectedStore): void {
  document.title = `${store.location}: zspine inspect`;
  document.getElementById("location")!.textContent = store.location;
  document.getElementById("store")!.textContent =
    `${store.backend}, commit ${store.token} · ${bytesText(store.storedBytes)} stored · ${bytesText(store.memoryBytes)} in memory · metadata ${JSON.stringify(store.metadata)}`;
  const main = document.getElementById("traces")!;
  const drawn = new Map([...main.children].map((child) => [(child as HTMLElement).dataset["trace"], child]));
  for (const trace of store.traces) {
    const section = drawn.get(trace.name);
    if (section === undefined) main.append(drawTrace(trace));
    else {
      section.querySelector(".figures")!.textContent = figuresOf(trace);
      section.querySelector(".levels")!.replaceWith(drawLevels(trace));
    }
    drawn.delete(trace.name);
  }
  for (const gone of drawn.values()) gone.remove();
}

async function verify(): Promise<void> {
  tell("checking …", false);
  const { isSound, problems, blocks, bytes } = JSON.parse(await ask("verify")) as {
    readonly isSound: boolean;
    readonly problems: readonly { readonly message: string }[];
    readonly blocks: number;
    readonly bytes: number;
  };
  const read = `${blocks.toLocaleString("en")} blocks, ${bytesText(bytes)}`;
  if (isSound) tell(`sound: ${read}`, false);
  else tell(`${problems.length} problems in ${read}: ${problems[0]!.message}`, true);
}

/** Draws the store, and again whenever it has changed, for as long as somebody looks. */
async function start(): Promise<void> {
  const failed = (error: unknown): void => {
    tell((error as Error).message, true);
  };
  document.getElementById("verify")!.addEventListener("click", () => {
    verify().catch(failed);
  });
  let before = "";
  const look = async (): Promise<void> => {
    if (document.hidden) return;
    const text = await ask("store");
    if (text !== before) drawStore(JSON.parse(text) as InspectedStore);
    before = text;
  };
  await look().catch(failed);
  setInterval(() => {
    look().catch(() => {
      tell("the server has ended; start zspine inspect again", true);
    });
  }, 2000);
}

/** All of them, to be sent. */
export const PAGE_FUNCTIONS: readonly unknown[] = [
  make,
  ask,
  tell,
  bytesText,
  drawLevels,
  figuresOf,
  drawRows,
  labelled,
  drawTrace,
  drawStore,
  verify,
  start,
];
