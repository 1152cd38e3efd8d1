// Logging in through another provider, in Chromium: this server and a second one that knows the people.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { close, doorward, enrol, house, launch, looksRight, open, setPassword, typeLogin } from './chromium.mjs';

const { there, person } = house;

before(launch);
after(close);

/** The name, and the password on the page after it. */
async function typeSteps(page, who) {
  await page.getByLabel('User name').fill(who.name);
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Password').fill(who.password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** Lets nobody past the page that leads on, which goes on at once: for a look at it. */
async function holdOnward(page) {
  await page.context().route(/\/(login\/upstream|account\/logins\/go)\?/, (route) => route.abort('aborted'));
}

async function arriveThere(page) {
  await page.waitForURL((url) => url.href.startsWith(there.url));
}

test('the button leads there and back, and the login page looks right with it', async () => {
  const page = await open();
  await page.goto(`${house.url}/login`);
  await looksRight(page, 'brokered-login');
  await page.getByRole('link', { name: 'Log in with Corp' }).click();
  await arriveThere(page);
  await typeLogin(page, there.person);
  await page.waitForURL(`${house.url}/`);
  await page.getByText('Alice Archer').waitFor();
  assert.deepEqual(page.complaints, []);

  // Out again: through the session there, and back.
  await page.getByRole('link', { name: 'Log out' }).click();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'You are logged out' }).waitFor();
  assert.equal(new URL(page.url()).origin, house.url);
  await page.goto(`${there.url}/`);
  await page.getByLabel('User name').waitFor();
  assert.deepEqual(page.complaints, []);
});

test('an address of a routed domain goes on by itself; the page between looks right', async () => {
  const page = await open();
  await holdOnward(page);
  await page.goto(`${house.url}/login`);
  assert.equal(await page.getByLabel('Password').count(), 0, 'the name is asked first');
  await page.getByLabel('User name').fill('alice@example.com');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'On to Corp' }).waitFor();
  await looksRight(page, 'onward');
  await page.context().unrouteAll();
  await page.getByRole('link', { name: 'Continue' }).click();
  await arriveThere(page);
  // What was typed here need not be typed again.
  assert.equal(await page.getByLabel('User name').inputValue(), 'alice@example.com');

  const other = await open();
  await other.goto(`${house.url}/login`);
  await other.getByLabel('User name').fill('alice@example.com');
  await other.keyboard.press('Enter');
  await arriveThere(other);
  await typeLogin(other, there.person);
  await other.waitForURL(`${house.url}/`);
  assert.deepEqual(other.complaints, []);
});

test('without JavaScript it is the same', async () => {
  const page = await open({ javaScriptEnabled: false });
  await page.goto(`${house.url}/login`);
  await page.getByLabel('User name').fill('alice@example.com');
  await page.getByRole('button', { name: 'Next' }).click();
  await arriveThere(page);
  await typeLogin(page, there.person);
  await page.waitForURL(`${house.url}/`);
  await page.getByText('Alice Archer').waitFor();
});

test('the keyboard is enough', async () => {
  const page = await open();
  await page.goto(`${house.url}/login`);
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'username');
  for (let tabs = 0; tabs < 6; tabs += 1) {
    await page.keyboard.press('Tab');
    const [text, outline] = await page.evaluate(() => {
      const at = document.activeElement;
      return [at?.textContent?.trim(), at ? getComputedStyle(at).outlineStyle : 'none'];
    });
    assert.notEqual(outline, 'none', 'the focus is always seen');
    if (text === 'Log in with Corp') break;
  }
  await page.keyboard.press('Enter');
  await arriveThere(page);
  await page.getByLabel('User name').waitFor();
  await page.keyboard.type(there.person.name);
  await page.keyboard.press('Tab');
  await page.keyboard.type(there.person.password);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${house.url}/`);
});

test('a login is connected and removed on the page of logins, which looks right', async () => {
  const page = await open();
  await page.goto(`${house.url}/login`);
  await typeSteps(page, person);
  await page.waitForURL(`${house.url}/`);
  await page.getByRole('link', { name: 'Logins' }).click();
  await page.getByRole('heading', { name: 'Your logins' }).waitFor();
  await looksRight(page, 'logins-none');
  await page.getByRole('button', { name: 'Corp', exact: true }).click();
  await arriveThere(page);
  await typeLogin(page, there.other);
  await page.getByRole('heading', { name: 'Connect this login to your account?' }).waitFor();
  await page.getByText('olga@example.com (Olga Oak)').waitFor();
  await page.getByText('bob (Bob Baker)').waitFor();
  await looksRight(page, 'confirm-login');
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByRole('status').getByText('The login has been connected.').waitFor();
  await page.getByText('olga@example.com', { exact: true }).waitFor();
  await looksRight(page, 'logins-connected');
  await page.getByRole('button', { name: /^Remove Corp/ }).click();
  await page.getByRole('status').getByText('The login has been removed.').waitFor();
  assert.deepEqual(page.complaints, []);

  // A link on another site connects nobody: the browser says where it was pressed.
  await page.goto(`${there.url}/status`);
  await page.evaluate((url) => { location.href = url; }, `${house.url}/account/logins/go?upstream=corp`);
  await page.getByRole('heading', { name: 'Your logins' }).waitFor();
  assert.equal(doorward('upstream', 'identities', 'corp').items.filter(({ user }) => user === person.name).length, 0);
});

test('the only way in stays', async () => {
  const page = await open();
  await page.goto(`${house.url}/login`);
  await page.getByRole('link', { name: 'Log in with Corp' }).click();
  await arriveThere(page);
  await typeLogin(page, there.person);
  await page.waitForURL(`${house.url}/`);
  await page.goto(`${house.url}/account/logins`);
  await page.getByRole('button', { name: /^Remove Corp/ }).click();
  await page.getByText('This is your only way in, so it stays.').waitFor();
  await looksRight(page, 'logins-last-way');
});

test('an administrator sees what a login comes to', async () => {
  const ada = await enrol('ada', 'Ada Admin');
  doorward('admin', 'grant', 'full', 'ada');
  const page = await open();
  await setPassword(page, ada);
  await page.goto(doorward('upstream', 'preview', 'corp').preview_uri);
  await arriveThere(page);
  await typeLogin(page, there.unknown);
  await page.getByText('This would be a new account: nina').waitFor();
  await looksRight(page, 'upstream-preview');

  // She sees detail and remedy of what went wrong, too.
  await page.goto(`${house.url}/upstream/corp/callback?code=x&state=y`);
  await page.getByText('attempt_unknown').waitFor();
  await looksRight(page, 'upstream-refused-administrator');
});

test('what goes wrong says so, and whose turn it is', async () => {
  const page = await open();
  await page.goto(`${house.url}/upstream/corp/callback?code=x&state=y`);
  await page.getByText('This login began in another browser.').waitFor();
  await looksRight(page, 'upstream-refused');
  await page.goto(`${house.url}/login`);
  await typeSteps(page, house.always);
  await page.getByRole('link', { name: 'Log in with Corp' }).waitFor();
  await looksRight(page, 'password-login-off');
  await page.goto(`${house.url}/login?backup=1`);
  await page.getByLabel('Password').waitFor();
  await looksRight(page, 'login-backup');
});

test('the pages speak German to a German browser', async () => {
  const english = /\b(log in|login|password|user name|continue|remove|connect|next)\b/i;
  let page = await open({ locale: 'de-DE' });
  const reads = async () => assert.doesNotMatch(await page.locator('main').innerText(), english);
  await holdOnward(page);
  await page.goto(`${house.url}/login`);
  await page.getByRole('link', { name: 'Mit Corp anmelden' }).waitFor();
  await looksRight(page, 'german-brokered-login');
  await reads();
  await page.getByLabel('Benutzername').fill('alice@example.com');
  await page.getByRole('button', { name: 'Weiter' }).click();
  await page.getByRole('heading', { name: 'Weiter zu Corp' }).waitFor();
  await reads();
  // Another browser: what was held back in this one may still go on, and take the next page away.
  page = await open({ locale: 'de-DE' });
  await page.goto(`${house.url}/login`);
  await page.getByLabel('Benutzername').fill(person.name);
  await page.getByRole('button', { name: 'Weiter' }).click();
  await page.getByLabel('Passwort').fill(person.password);
  await page.getByRole('button', { name: 'Anmelden' }).click();
  await page.waitForURL(`${house.url}/`);
  await page.goto(`${house.url}/account/logins`);
  await page.getByRole('heading', { name: 'Ihre Anmeldungen' }).waitFor();
  await looksRight(page, 'german-logins');
  await reads();
  await page.goto(`${house.url}/upstream/corp/callback?code=x&state=y`);
  await page.getByRole('heading').first().waitFor();
  await reads();
});
