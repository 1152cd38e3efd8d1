// Looks at the gallery that `cargo test -p doorward-web` writes (every page in every notable state), as axe.mjs does.
//
//   node gallery.mjs target/tmp/gallery shots/ en de

import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { extname, join, normalize } from "node:path";
import { argv, exit } from "node:process";

import { conclude, examine } from "./axe.mjs";

const TYPES = { ".html": "text/html", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".js": "text/javascript" };
// As `pages::csp` makes it, but for the pages with a script, of which form_post's is not sent: the gallery must stay on that page to look at it.
const POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'";

const [gallery, shots, ...directories] = argv.slice(2);
if (!gallery || !shots || directories.length === 0) {
  console.error("usage: node gallery.mjs GALLERY SHOTS DIRECTORY...");
  exit(2);
}

const server = createServer((request, response) => {
  const path = normalize(decodeURIComponent(new URL(request.url, "http://gallery").pathname));
  try {
    const body = path.startsWith("/assets/submit-") ? "" : readFileSync(join(gallery, path));
    const hasScript = /form-post|console-(traces|events)/.test(path);
    const policy = hasScript ? `${POLICY}; script-src 'self'; connect-src 'self'` : POLICY;
    response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream", "content-security-policy": policy });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const origin = `http://127.0.0.1:${server.address().port}`;

const pages = readFileSync(join(gallery, "pages.txt"), "utf8")
  .split("\n")
  .filter((page) => directories.some((directory) => page.startsWith(`${directory}/`)))
  .map((page) => ({ name: page.replace("/", "-").replace(".html", ""), url: `${origin}/${page}` }));
const faults = await examine(pages, shots);
server.close();
conclude(pages, faults);
