// @ts-check
// What the tools ask of a TypeScript file: its imports, its functions, the titles of its tests.

import ts from "typescript";

/**
 * @param {string} path
 * @param {string} text
 */
export function parse(path, text) {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

/**
 * The specifiers that a file imports or re-exports, types included, with their lines (from 1).
 * @param {string} text
 * @returns {{ specifier: string, line: number }[]}
 */
export function importsOf(text) {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName, pos }) => ({
    specifier: fileName,
    line: text.slice(0, pos).split("\n").length,
  }));
}

/**
 * Calls `visit` with every node of a file, parents first.
 * @param {ts.Node} node
 * @param {(node: ts.Node) => void} visit
 */
export function walk(node, visit) {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/**
 * Every function with a body: its name, its first line (from 1, without its docstring), the docstring's
 * first line, and how many lines it has.
 * @param {ts.SourceFile} file
 */
export function functionsOf(file) {
  /** @type {{ name: string, line: number, docLine: number, lines: number }[]} */
  const functions = [];
  walk(file, (node) => {
    if (!ts.isFunctionLike(node) || !("body" in node) || !node.body) return;
    const lineAt = (/** @type {number} */ position) => file.getLineAndCharacterOfPosition(position).line + 1;
    const line = lineAt(node.getStart(file));
    functions.push({
      name: node.name?.getText(file) ?? "a function",
      line,
      docLine: lineAt(node.getStart(file, true)),
      lines: lineAt(node.end) - line + 1,
    });
  });
  return functions;
}

const testWords = new Set(["test", "it", "describe", "suite"]);

/**
 * The titles of tests and groups: the first argument of `test(…)`, `it.each(…)(…)`, `suite.test(…)` and
 * their like, and the name of a case, `{ name: …, run … }`, where it is written as text.
 * @param {ts.SourceFile} file
 */
export function testTitlesOf(file) {
  /** @type {string[]} */
  const titles = [];
  walk(file, (node) => {
    const title = ts.isObjectLiteralExpression(node) ? nameOfCase(node) : titleOfCall(node);
    if (title && (ts.isStringLiteralLike(title) || ts.isTemplateExpression(title))) {
      titles.push(title.getText(file).slice(1, -1));
    }
  });
  return titles;
}

/** @param {ts.Node} node */
function titleOfCall(node) {
  return ts.isCallExpression(node) && isTestCallee(node.expression) ? node.arguments[0] : undefined;
}

/** @param {ts.ObjectLiteralExpression} literal */
function nameOfCase({ properties }) {
  const named = (/** @type {string} */ key) =>
    properties.find(({ name }) => name !== undefined && ts.isIdentifier(name) && name.text === key);
  const name = named("name");
  return name && ts.isPropertyAssignment(name) && named("run") ? name.initializer : undefined;
}

/**
 * @param {ts.Expression} callee
 * @returns {boolean}
 */
function isTestCallee(callee) {
  if (ts.isIdentifier(callee)) return testWords.has(callee.text);
  if (ts.isPropertyAccessExpression(callee)) {
    return testWords.has(callee.name.text) || isTestCallee(callee.expression);
  }
  if (ts.isCallExpression(callee)) return isTestCallee(callee.expression);
  return ts.isTaggedTemplateExpression(callee) && isTestCallee(callee.tag);
}
