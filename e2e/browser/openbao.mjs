// OpenBao's own pages in Chromium: its button opens a window here, which goes back and shuts itself.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { close, house, launch, open, typeLogin } from './chromium.mjs';

before(launch);
after(close);

test('the button of its login page lets somebody in through the window that it opens', async () => {
  const page = await open();
  await page.goto(house.start);
  const opened = page.waitForEvent('popup');
  await page.getByRole('button', { name: 'Sign in with OIDC Provider' }).click();
  const popup = await opened;
  const shut = popup.waitForEvent('close');
  await typeLogin(popup, house.person);
  await shut;
  await page.getByRole('heading', { name: 'Secrets Engines' }).waitFor();

  // Who it takes them for, asked with the token that its page holds now.
  const token = await page.evaluate(() => Object.entries(localStorage).find(([name]) => name.startsWith('vault-'))?.[1]);
  const answer = await page.request.get(`${house.bao}/v1/auth/token/lookup-self`, { headers: { 'x-vault-token': JSON.parse(token).token } });
  const { data } = await answer.json();
  assert.equal(data.meta.username, house.person.name);
  assert.deepEqual(data.identity_policies, ['admin']);
});
