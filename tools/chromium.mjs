// @ts-check
// Where Chromium is, for tests in a browser. `--install` fetches Debian's package when there is none, as `.ci/run` does on
// a fresh machine: bounded in time, and only where apt-get is there to be asked.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { isMain } from "./project.mjs";

/** Where it is looked for after `ZSPINE_CHROMIUM`, the likeliest first. */
export const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** How a browser for tests is started: without a window, a profile of before, and talk to anyone outside. */
export const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const installMinutes = 5;

/**
 * The first place that has a browser; undefined when none has.
 * @param {string | undefined} wanted what `ZSPINE_CHROMIUM` says: nothing else is tried then
 * @param {(path: string) => boolean} [isThere]
 * @returns {string | undefined}
 */
export function findChromium(wanted, isThere = existsSync) {
  return (wanted ? [wanted] : places).find(isThere);
}

/** Asks apt-get for Debian's package; tells whether it said that all went well. */
function install() {
  /** @param {readonly string[]} args */
  const aptGet = (args) =>
    spawnSync("apt-get", args, {
      stdio: ["ignore", "ignore", "inherit"],
      timeout: (installMinutes / 2) * 60_000,
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    }).status === 0;
  const get = ["install", "-y", "--no-install-recommends", "chromium"];
  // The lists of a fresh machine may be old, or not there.
  return aptGet(get) || (aptGet(["update"]) && aptGet(get));
}

/**
 * The path of a browser; ends the process where there is none, and says what to do.
 * @param {{ mayInstall: boolean }} options
 * @returns {string}
 */
export function requireChromium({ mayInstall }) {
  const wanted = process.env["ZSPINE_CHROMIUM"];
  const found = findChromium(wanted);
  if (found !== undefined) return found;
  if (mayInstall && !wanted) {
    console.log("Installing Chromium (apt-get install chromium) …");
    install();
    const installed = findChromium(undefined);
    if (installed !== undefined) return installed;
  }
  const looked = wanted ? `at ${wanted}, as ZSPINE_CHROMIUM says` : `at ${places.join(", ")}`;
  console.error(
    `error: there is no Chromium ${looked}${mayInstall ? ", and apt-get could not install it" : ""}; nothing was tested. ` +
      "Install it (Debian: apt-get install chromium), or name one in ZSPINE_CHROMIUM",
  );
  return process.exit(1);
}

if (isMain(import.meta.url)) {
  console.log(requireChromium({ mayInstall: process.argv.includes("--install") }));
}
