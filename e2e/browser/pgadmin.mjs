// pgAdmin's own pages in Chromium: its button leads here and back, a group decides, and its logout ends the session here.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { close, house, launch, open, typeLogin } from './chromium.mjs';

before(launch);
after(close);

async function begin(page) {
  await page.goto(`${house.app}/login`);
  await page.getByRole('button', { name: 'Login with Single sign-on' }).click();
  await page.waitForURL((url) => url.href.startsWith(`${house.url}/login`));
}

test('somebody with the group comes in, and logs out of both', async () => {
  const page = await open();
  await begin(page);
  await typeLogin(page, house.person);
  const menu = page.getByRole('button', { name: `${house.person.name} (doorward)` });
  await menu.click();
  await page.getByRole('menuitem', { name: 'Logout' }).click();
  await page.waitForURL((url) => url.href.startsWith(`${house.app}/login`));
  await page.goto(`${house.url}/`);
  await page.getByLabel('User name').waitFor();
});

test('somebody without the group is logged in here, and refused there', async () => {
  const page = await open();
  await begin(page);
  await typeLogin(page, house.other);
  await page.getByText('The user is not authorized to login based on your identity profile').waitFor();
  assert.ok(page.url().startsWith(house.app));
});
