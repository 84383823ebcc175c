// @ts-check
// Mutations: the small changes of a program that its tests ought to notice. A file gives a list of them, each the
// text of one stretch and what takes its place. What is written only for the compiler or the reader is not changed:
// types, imports, texts.

import ts from "typescript";
import { parse, walk } from "../syntax.mjs";

/**
 * @typedef {object} Mutation
 * @property {string} file path, relative to the root
 * @property {number} line of its first character, from 1
 * @property {number} start offset of what is replaced
 * @property {number} end
 * @property {string} text what takes its place
 * @property {string} what the operator and what it does, such as `compare: < to <=`
 * @property {string} code the line, trimmed
 */

/** @typedef {(node: ts.Node, text: (node: ts.Node) => string) => Iterable<[what: string, text: string, of?: ts.Node]>} Operator */

/** @type {Readonly<Record<string, readonly string[]>>} */
const OTHER_TOKENS = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "===": ["!=="],
  "!==": ["==="],
  "&&": ["||"],
  "||": ["&&"],
  "+": ["-"],
  "-": ["+"],
  "*": ["+"],
  "+=": ["-="],
  "-=": ["+="],
  "<<": [">>>"],
  ">>>": ["<<"],
  "&": ["|"],
  "|": ["&"],
};

/** @type {Operator} */
function* otherToken(node, text) {
  if (!ts.isBinaryExpression(node)) return;
  const { left, operatorToken, right } = node;
  if (operatorToken.kind === ts.SyntaxKind.PlusToken && (isText(left) || isText(right))) return;
  const token = text(operatorToken);
  for (const other of OTHER_TOKENS[token] ?? []) yield [`token: ${token} to ${other}`, other, operatorToken];
  if (operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken)
    yield ["left: what stands before ??", `(${text(left)})`];
}

/** @type {Operator} */
function* otherNumber(node, text) {
  if (!ts.isNumericLiteral(node) || !/^\d+$/.test(node.text)) return;
  if (ts.isPropertyAssignment(node.parent) && node.parent.name === node) return;
  yield [`number: ${text(node)} to ${text(node)} + 1`, `(${text(node)} + 1)`];
  yield [`number: ${text(node)} to ${text(node)} - 1`, `(${text(node)} - 1)`];
}

/** @type {Operator} */
function* otherBoolean(node, text) {
  const isTrue = node.kind === ts.SyntaxKind.TrueKeyword;
  if (!isTrue && node.kind !== ts.SyntaxKind.FalseKeyword) return;
  yield [`boolean: ${text(node)} to ${!isTrue}`, String(!isTrue)];
}

/** @type {Operator} */
function* otherStep(node, text) {
  if (!ts.isPostfixUnaryExpression(node) && !ts.isPrefixUnaryExpression(node)) return;
  if (node.operator === ts.SyntaxKind.PlusPlusToken) yield ["step: ++ to --", text(node).replace("++", "--")];
  if (node.operator === ts.SyntaxKind.MinusMinusToken)
    yield ["step: -- to ++", text(node).replace("--", "++")];
}

/** @type {Operator} */
function* negated(node, text) {
  const condition =
    ts.isIfStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node)
      ? node.expression
      : ts.isConditionalExpression(node) || ts.isForStatement(node)
        ? node.condition
        : undefined;
  if (condition) yield ["negate: the condition", `!(${text(condition)})`, condition];
}

/** @type {Operator} */
function* removed(node) {
  if (!ts.isExpressionStatement(node)) return;
  const { expression } = node;
  const inner = ts.isAwaitExpression(expression) ? expression.expression : expression;
  if (ts.isCallExpression(inner)) {
    if (inner.expression.kind !== ts.SyntaxKind.SuperKeyword) yield ["remove: the call", ";"];
  } else if (ts.isBinaryExpression(inner) && isAssignment(inner)) yield ["remove: the assignment", ";"];
}

/** @type {Operator} */
function* notAwaited(node, text) {
  if (ts.isAwaitExpression(node)) yield ["await: not awaited", `(${text(node.expression)})`];
}

/** @type {Operator} */
function* emptied(node) {
  if (!ts.isBlock(node) || node.statements.length === 0) return;
  const { parent } = node;
  const [first] = node.statements;
  // Of one statement it would be that statement removed, once more.
  const isCounted = node.statements.length === 1 && first && ts.isExpressionStatement(first);
  if (!isCounted && !ts.isConstructorDeclaration(parent) && !ts.isTryStatement(parent))
    yield ["empty: the block", "{}"];
}

/** @type {Operator} */
function* otherReturn(node, text) {
  if (!ts.isReturnStatement(node) || !node.expression) return;
  const { expression } = node;
  if (expression.kind === ts.SyntaxKind.TrueKeyword || expression.kind === ts.SyntaxKind.FalseKeyword) return;
  if (text(expression) !== "undefined") yield ["return: undefined", "return undefined;"];
}

/** @type {Operator} */
function* fewerElements(node, text) {
  if (!ts.isArrayLiteralExpression(node) || isPattern(node)) return;
  for (const element of node.elements) {
    const others = node.elements.filter((other) => other !== element);
    yield [`element: without ${text(element).slice(0, 40)}`, `[${others.map(text).join(", ")}]`];
  }
}

const OPERATORS = [
  otherToken,
  otherNumber,
  otherBoolean,
  otherStep,
  negated,
  removed,
  notAwaited,
  emptied,
  otherReturn,
  fewerElements,
];

/** @param {ts.Expression} node */
function isText(node) {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
}

/** @param {ts.BinaryExpression} node */
function isAssignment({ operatorToken: { kind } }) {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

/** Whether an array is one that something is taken apart with. @param {ts.ArrayLiteralExpression} node */
function isPattern(node) {
  const { parent } = node;
  return (
    (ts.isBinaryExpression(parent) && parent.left === node && isAssignment(parent)) ||
    (ts.isForOfStatement(parent) && parent.initializer === node)
  );
}

/** @param {ts.Node} node */
function isOnlyForReaders(node) {
  return (
    ts.isTypeNode(node) ||
    ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    // What an error says is not API, nor is what leads to the text.
    ts.isTemplateSpan(node)
  );
}

/**
 * Every mutation of a file, in the order of its text.
 * @param {string} path
 * @param {string} source
 * @returns {Mutation[]}
 */
export function mutationsOf(path, source) {
  const file = parse(path, source);
  const lines = source.split("\n");
  const text = (/** @type {ts.Node} */ node) => node.getText(file);
  /** @type {Mutation[]} */
  const found = [];
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (isOnlyForReaders(node)) return;
    for (const operator of OPERATORS) {
      for (const [what, replacement, of = node] of operator(node, text)) {
        const start = of.getStart(file);
        const line = file.getLineAndCharacterOfPosition(start).line;
        const code = (lines[line] ?? "").trim();
        found.push({ file: path, line: line + 1, start, end: of.end, text: replacement, what, code });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found.sort((a, b) => a.start - b.start);
}

/**
 * The text of a file with a mutation in it.
 * @param {string} source
 * @param {Pick<Mutation, "start" | "end" | "text">} mutation
 */
export function mutate(source, { start, end, text }) {
  return source.slice(0, start) + text + source.slice(end);
}

/**
 * The stretches of a file of which it can be told whether they ran: statements in blocks, and what short arrow
 * functions return. The module itself is the first.
 * @param {string} path
 * @param {string} source
 * @returns {{ start: number, end: number, isExpression: boolean }[]}
 */
export function stretchesOf(path, source) {
  const file = parse(path, source);
  const stretches = [{ start: 0, end: source.length, isExpression: false }];
  walk(file, (node) => {
    const parent = /** @type {ts.Node | undefined} */ (node.parent);
    if (!parent) return;
    const isExpression = ts.isArrowFunction(parent) && parent.body === node && !ts.isBlock(node);
    const isStatement = (ts.isBlock(parent) || ts.isCaseOrDefaultClause(parent)) && ts.isStatement(node);
    if (isExpression || isStatement)
      stretches.push({ start: node.getStart(file), end: node.end, isExpression });
  });
  return stretches;
}

/**
 * The text of a file that marks each stretch that runs: `globalThis.__ran[<base + n>] = 1`.
 * @param {string} source
 * @param {readonly { start: number, end: number, isExpression: boolean }[]} stretches
 * @param {number} base the number of its first stretch
 */
export function marked(source, stretches, base) {
  /** @type {[at: number, text: string][]} */
  const insertions = [];
  stretches.forEach(({ start, end, isExpression }, n) => {
    const mark = `(globalThis.__ran[${base + n}] = 1)`;
    insertions.push([start, isExpression ? `(${mark}, ` : `${mark};`]);
    if (isExpression) insertions.push([end, ")"]);
  });
  // Of insertions at one place, the outer stretch's comes first, and ends last: as they were found.
  const order = insertions.map(([at, text], n) => ({ at, text, n })).sort((a, b) => a.at - b.at || a.n - b.n);
  let [result, from] = ["", 0];
  for (const { at, text } of order) {
    result += source.slice(from, at) + text;
    from = at;
  }
  return result + source.slice(from);
}
