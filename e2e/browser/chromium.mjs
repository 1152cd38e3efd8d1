// Chromium, the command line, and what every page must fulfil.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import AxeBuilder from '@axe-core/playwright';
import { chromium } from 'playwright-core';

export const house = JSON.parse(process.env.E2E);

/** A command of the command line; its answer. */
export function doorward(...words) {
  const answer = execFileSync(house.doorward, ['--data', house.data, '--json', ...words], { encoding: 'utf8' });
  return answer.trim() ? JSON.parse(answer) : undefined;
}

let browser;

export async function launch() {
  browser = await chromium.launch({
    executablePath: house.chromium,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-proxy-server'],
  });
}

export async function close() {
  await browser?.close();
}

/** A fresh browser profile with one page; what its console complains about is kept in `page.complaints`. */
export async function open(options = {}) {
  const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...options });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  page.complaints = [];
  page.on('console', (message) => {
    // A page with an error's status is announced as such; that is no complaint of the page itself.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) page.complaints.push(message.text());
  });
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  return page;
}

/** Adds a person and sets their password through their link, without a screen in between. */
export async function enrol(name, fullName, ...groups) {
  const added = doorward('user', 'add', name, '--name', fullName, '--email', `${name}@example.com`, ...groups.flatMap((group) => ['--group', group]));
  return { name, password: `correct horse ${name}`, link: added.enrolment.url };
}

export async function setPassword(page, person) {
  await page.goto(person.link);
  await page.getByLabel('New password', { exact: true }).fill(person.password);
  await page.getByLabel('New password again').fill(person.password);
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.waitForURL(`${house.url}/`);
}

export async function typeLogin(page, person, password = person.password) {
  await page.getByLabel('User name').fill(person.name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** Both themes, narrow and wide: no violation that axe knows, nothing to scroll sideways, nothing blocked. Keeps a picture of each. */
export async function looksRight(page, name) {
  for (const theme of ['light', 'dark']) {
    for (const width of [320, 1440]) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: width === 320 ? 640 : 900 });
      const where = `${name}, ${theme}, ${width} px`;
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
      const found = violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join('\n  ')}`);
      await page.screenshot({ path: `${house.screenshots}/${name}-${theme}-${width}.png`, fullPage: true, timeout: 60_000 });
      assert.deepEqual(found, [], where);
      const [needs, has] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      assert.ok(needs <= has, `${where}: ${needs} px wide in ${has} px`);
    }
  }
  assert.deepEqual(page.complaints, [], name);
}
