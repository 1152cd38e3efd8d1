// Looks at pages the way people meet them: each in light and dark, 320 and 1440 pixels wide. Fails on any violation that
// axe-core finds, on sideways scrolling, on targets under 44 pixels and on anything the browser reports on its console
// (a breach of the content security policy, a missing file). Keeps a screenshot of each.
//
//   node axe.mjs pages.json shots/        or: node axe.mjs - shots/ < pages.json
//
// pages.json: [{"name": "login", "url": "http://…", "cookies": [{"name": "…", "value": "…"}],
//               "fill": {"#username": "anna"}, "click": "button[type=submit]"}]
// `cookies`, `fill` and `click` may be left out; with `click`, what is looked at is the page that it leads to.
// DOORWARD_NODE_HOME is the folder that holds node_modules; CHROMIUM the browser (default: chromium in the path).

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { argv, env, exit } from "node:process";
import { pathToFileURL } from "node:url";

const require = createRequire(join(resolve(env.DOORWARD_NODE_HOME ?? "."), "here.cjs"));
const { chromium } = require("playwright-core");
const { AxeBuilder } = require("@axe-core/playwright");

const WIDTHS = [[320, 640], [1440, 900]];
const THEMES = ["light", "dark"];
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const SMALLEST_TARGET = 44;

/** Looks at each page in each theme and width; answers with what is wrong, one line each. */
export async function examine(pages, shots) {
  mkdirSync(shots, { recursive: true });
  const executablePath = env.CHROMIUM ?? execFileSync("which", ["chromium"], { encoding: "utf8" }).trim();
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update"],
  });
  const faults = [];
  try {
    for (const [width, height] of WIDTHS) {
      for (const colorScheme of THEMES) {
        for (const page of pages) {
          const context = await browser.newContext({ viewport: { width, height }, colorScheme });
          const found = await look(context, page, join(shots, `${page.name}-${width}-${colorScheme}.png`));
          faults.push(...found.map((fault) => `${page.name}, ${width} px, ${colorScheme}: ${fault}`));
          await context.close();
        }
      }
    }
  } finally {
    await browser.close();
  }
  return faults;
}

async function look(context, { url, cookies = [], fill = {}, click }, shot) {
  const faults = [];
  await context.addCookies(cookies.map((cookie) => ({ url, ...cookie })));
  const page = await context.newPage();
  page.on("console", (message) => {
    // The page's own status is not a fault: refusals and errors are pages that are looked at too.
    const isOwnStatus = message.location().url === page.url() && message.text().includes("the server responded with a status");
    if (message.type() === "error" && !isOwnStatus) faults.push(`console: ${message.text()}`);
  });
  page.on("requestfailed", (request) => faults.push(`not loaded: ${request.url()} (${request.failure()?.errorText})`));
  await page.goto(url);
  for (const [selector, value] of Object.entries(fill)) await page.fill(selector, value);
  if (click) await Promise.all([page.waitForNavigation(), page.click(click)]);
  await page.screenshot({ path: shot, fullPage: true });
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  for (const violation of violations) {
    for (const node of violation.nodes) faults.push(`${violation.id}: ${node.target} – ${node.failureSummary.replaceAll("\n", " ")}`);
  }
  faults.push(...(await page.evaluate(measure, SMALLEST_TARGET)));
  return faults;
}

// Runs in the page. Links within a sentence are as small as the sentence (WCAG 2.2 §2.5.8 excepts them).
function measure(smallest) {
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push(`scrolls sideways by ${root.scrollWidth - root.clientWidth} px`);
  for (const target of document.querySelectorAll("a, button, input:not([type=hidden])")) {
    // What is not shown (a closed menu, what belongs to another width) is no target.
    if (!target.checkVisibility() || target.matches(".hidden, .skip") || (target.matches("p a") && !target.matches(".button, .cancel a"))) continue;
    // A label around a box is pressed as the box is.
    const { width, height } = (target.closest("label") ?? target).getBoundingClientRect();
    if (width < smallest || height < smallest) faults.push(`target of ${width} × ${height} px: ${target.outerHTML.slice(0, 80)}`);
  }
  return faults;
}

/** Says what is wrong and ends the process. */
export function conclude(pages, faults) {
  for (const fault of faults) console.error(fault);
  console.log(`${pages.length} pages, ${THEMES.length} themes, ${WIDTHS.length} widths: ${faults.length} faults`);
  exit(faults.length === 0 && pages.length > 0 ? 0 : 1);
}

if (import.meta.url === pathToFileURL(argv[1]).href) {
  const [list, shots] = argv.slice(2);
  if (!list || !shots) {
    console.error("usage: node axe.mjs PAGES.json|- SHOTS");
    exit(2);
  }
  const pages = JSON.parse(readFileSync(list === "-" ? 0 : list, "utf8"));
  conclude(pages, await examine(pages, shots));
}
