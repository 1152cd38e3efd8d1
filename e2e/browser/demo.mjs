// The demonstration as somebody meets it who typed `doorward demo`.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { close, doorward, house, launch, looksRight, open, typeLogin } from './chromium.mjs';

before(launch);
after(close);

test('alice logs in to the demo application, sees what it knows of her, and logs out of both', async () => {
  const page = await open();
  await page.goto(house.app);
  await looksRight(page, 'demo-welcome');
  await page.getByRole('link', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Log in to Demo application' }).waitFor();
  await typeLogin(page, house.alice);
  await page.getByRole('heading', { name: 'Demo application asks to know you' }).waitFor();
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  await page.getByText('Hello, Alice Example').waitFor();
  await page.goto(`${house.app}/profile`);
  assert.equal(await page.locator('#name').innerText(), 'Alice Example');
  assert.match(await page.locator('#email').innerText(), /alice@example.com/);
  assert.match(await page.locator('#groups').innerText(), /demo-users/);
  await looksRight(page, 'demo-profile');
  await page.getByRole('button', { name: 'Log out' }).or(page.getByRole('link', { name: 'Log out' })).click();
  const here = page.getByRole('button', { name: 'Log out' });
  const stranger = page.getByText('You are not logged in');
  await here.or(stranger).first().waitFor();
  if (!(await stranger.isVisible())) await here.click();
  await stranger.waitFor();
  await page.getByRole('link', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Log in to Demo application' }).waitFor();
});

test('bob reads what he is missing, and the trace of his reference says the same', async () => {
  const page = await open();
  await page.goto(`${house.app}/profile`);
  await typeLogin(page, house.bob);
  await page.getByRole('heading', { name: 'No access to Demo application' }).waitFor();
  await page.getByText('demo-users').waitFor();
  const reference = await page.locator('.reference code').innerText();
  const trace = doorward('trace', reference);
  assert.deepEqual([trace.app, trace.user, trace.outcome], ['demo', 'bob', 'refused']);
  assert.match(trace.conclusion.remedy, /doorward group/);
});
