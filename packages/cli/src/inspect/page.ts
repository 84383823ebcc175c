import { PAGE_FUNCTIONS } from "./page-script.ts";

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --brand: light-dark(#0f766e, #5eead4); --soft: light-dark(#0d948824, #0d948848);
  --quiet: light-dark(#555, #aaa); }
body { max-width: 72rem; margin: 0 auto; padding: 1rem; font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1, h2 { margin: 0; font-size: 1.25rem; }
p { margin: 0.25rem 0; }
.quiet { color: var(--quiet); font-size: 0.9rem; }
.bad { color: light-dark(#be123c, #fb7185); }
section { margin: 1rem 0; padding: 1rem; border: 1px solid var(--line); border-radius: 8px; }
.level { display: grid; grid-template-columns: 5rem 1fr auto; gap: 0.5rem; align-items: center; font-size: 0.9rem; }
.bars { display: flex; gap: 3px; }
.batch { height: 20px; min-width: 3px; background: var(--soft); border: 1px solid var(--brand); border-radius: 4px; }
form { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: center; margin-top: 0.75rem; }
label { display: flex; gap: 0.5rem; align-items: center; }
input, button { font: inherit; padding: 2px 8px; border: 1px solid var(--line); border-radius: 6px; }
button { color: light-dark(#fff, #042f2e); background: var(--brand); font-weight: 600; cursor: pointer; }
.rows { overflow-x: auto; }
table { border-collapse: collapse; font: 0.85rem/1.4 ui-monospace, monospace; }
th, td { padding: 2px 12px 2px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
.minus { color: light-dark(#be123c, #fb7185); }
`;

/**
 * The page that shows a store: it asks for all else by itself.
 *
 * @param nonce What marks its script and style as its own.
 */
export function pageOf(nonce: string): string {
  const script = `"use strict";\n${PAGE_FUNCTIONS.map(String).join("\n")}\nvoid start();`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>zspine inspect</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<header>
<h1 id="location">…</h1>
<p id="store" class="quiet"></p>
<p><button id="verify" type="button">Verify every byte</button></p>
<p id="told" role="status" aria-live="polite"></p>
</header>
<main id="traces"></main>
<script nonce="${nonce}">${script}</script>
</body>
</html>
`;
}
