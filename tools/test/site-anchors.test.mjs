// @ts-check
import { expect, it } from "vitest";
import { deadAnchors } from "../site/anchors.mjs";

it("deadAnchors() tells of places that are not there, in the page and in others, and of pages that are not", () => {
  const pages = new Map([
    ["index.html", '<a href="/guides/reading#counts">a</a> <a href="./guides/reading#gone">b</a>'],
    [
      "guides/reading.html",
      '<h2 id="counts">c</h2> <a href="#counts">d</a> <a href="#lost">e</a> <a href="../api/#x">f</a>',
    ],
    ["api/index.html", '<h2 id="x">g</h2> <a href="https://nodejs.org/#y">h</a> <a href="/none#z">i</a>'],
  ]);
  expect(deadAnchors(pages)).toEqual([
    "index.html: links to #gone of guides/reading.html, which is not there",
    "guides/reading.html: links to #lost of guides/reading.html, which is not there",
    "api/index.html: links to /none, which is no page",
  ]);
});

it("deadAnchors() takes places as readers of HTML do", () => {
  const html =
    '<h2 id="a&amp;b">c</h2> <a href="#a&amp;b">d</a> <h2 id="größe">e</h2> <a href="#gr%C3%B6%C3%9Fe">f</a>';
  expect(deadAnchors(new Map([["index.html", html]]))).toEqual([]);
});
