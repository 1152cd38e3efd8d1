// An application made with the login library, as a person with many tabs meets it. One part per run: in between the
// application is restarted, or its people are logged out by the provider.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { close, house, launch, open, typeLogin } from './chromium.mjs';

before(launch);
after(close);

const part = (name, steps) => house.part === name && test(name, steps);

part('tabs', async () => {
  const first = await open();
  const context = first.context();
  const tabs = [first, await context.newPage(), await context.newPage(), await context.newPage()];
  // All of them ask before anybody has logged in, as after a browser's restart. Doorward has met the browser in the first.
  await first.goto(`${house.app}/private`);
  await Promise.all(tabs.slice(1).map((tab) => tab.goto(`${house.app}/private`)));
  for (const tab of tabs) await tab.getByRole('button', { name: 'Log in' }).waitFor();
  await typeLogin(first, house.person);
  await first.waitForURL(`${house.app}/private`);
  // The others complete the logins that they began: each has its own.
  for (const tab of tabs.slice(1)) {
    await typeLogin(tab, house.person);
    await tab.waitForURL(`${house.app}/private`);
    assert.match(await tab.locator('body').innerText(), /"sub"/);
  }
  const cookies = (await context.cookies(house.app)).filter(({ name }) => name.startsWith('login-'));
  assert.equal(cookies.length, 1, 'no login is left over');
  assert.equal(cookies[0].value.length, 43);
  assert.ok(cookies[0].httpOnly && cookies[0].sameSite === 'Lax');
  await context.storageState({ path: house.state });
});

part('load', async () => {
  const page = await open({ storageState: house.state });
  await page.goto(`${house.app}/`);
  assert.match(await page.locator('body').innerText(), /Alice Archer/, 'the restart has forgotten nobody');
  const answers = await page.evaluate(async () => Promise.all(
    Array.from({ length: 60 }, async () => {
      const answer = await fetch('/token');
      return `${answer.status} ${await answer.text()}`;
    }),
  ));
  assert.equal(new Set(answers).size, 1, answers.join('\n'));
  assert.match(answers[0], /^200 /);
  await page.context().storageState({ path: house.state });
});

part('ended', async () => {
  const page = await open({ storageState: house.state });
  await page.goto(`${house.app}/`);
  assert.equal((await page.locator('body').innerText()).trim(), 'null', 'gone at the next request');
  const program = await page.evaluate(async () => {
    const answer = await fetch('/private');
    return [answer.status, await answer.json()];
  });
  assert.deepEqual(program, [401, { error: 'login_required', login_url: '/auth/login' }]);
  await page.goto(`${house.app}/private`);
  await page.getByRole('button', { name: 'Log in' }).waitFor();
  await typeLogin(page, house.person);
  await page.waitForURL(`${house.app}/private`);
});
