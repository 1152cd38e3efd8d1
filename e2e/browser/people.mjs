// What people do, in Chromium.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serveApplication } from './application.mjs';
import { close, doorward, enrol, house, launch, looksRight, open, setPassword, typeLogin } from './chromium.mjs';

const app = `http://localhost:${house.app.port}`;
let stop;

before(async () => {
  await launch();
  stop = await serveApplication({ issuer: house.url, ...house.app });
});

after(async () => {
  stop?.();
  await close();
});

test('a person enrols by link, logs in to an application, allows it, and is known there', async () => {
  const carla = await enrol('carla', 'Carla Carpenter', 'staff');
  const page = await open();
  await page.goto(carla.link);
  await page.getByLabel('New password', { exact: true }).fill(carla.password);
  await page.getByLabel('New password again').fill('something else');
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByRole('alert').getByText('The two passwords differ').waitFor();
  await setPassword(page, carla);
  await page.getByText('Carla Carpenter').waitFor();
  // Her application is on the start page.
  await page.getByRole('link', { name: /The Ledger/ }).waitFor();

  const other = await open();
  await other.goto(carla.link);
  await other.getByRole('heading', { name: 'This link no longer works' }).waitFor();

  await other.goto(`${app}/login`);
  await other.getByRole('heading', { name: 'Log in to The Ledger' }).waitFor();
  await typeLogin(other, carla);
  await other.getByRole('heading', { name: 'The Ledger asks to know you' }).waitFor();
  await other.getByText('carla@example.com').waitFor();
  await other.getByRole('button', { name: 'Allow', exact: true }).click();
  await other.getByRole('heading', { name: 'Hello Carla Carpenter' }).waitFor();
  assert.equal(new URL(other.url()).origin, app);

  // The answer is remembered: the second login shows no page at all.
  await other.goto(`${app}/login`);
  await other.getByRole('heading', { name: 'Hello Carla Carpenter' }).waitFor();
  assert.deepEqual([...page.complaints, ...other.complaints], []);
});

test('a person who does not allow it goes back without being known', async () => {
  const dora = await enrol('dora', 'Dora Dyer', 'staff');
  const page = await open();
  await setPassword(page, dora);
  await page.goto(`${app}/login`);
  await page.getByRole('button', { name: 'Do not allow' }).click();
  await page.getByRole('heading', { name: 'access_denied' }).waitFor();
});

test('a wrong password says so, keeps the name, and the right one goes on', async () => {
  const page = await open();
  await page.goto(`${app}/login`);
  await typeLogin(page, house.person, 'not this one');
  const alert = page.getByRole('alert');
  await alert.getByText('User name and password do not match').waitFor();
  assert.match(await page.title(), /^Error:/);
  assert.equal(await page.getByLabel('User name').inputValue(), house.person.name);
  assert.equal(await page.getByLabel('Password').inputValue(), '');
  const described = await page.getByLabel('Password').getAttribute('aria-describedby');
  assert.equal(described, 'problem', 'a screen reader says what is wrong at the field');
  await page.getByLabel('Password').fill(house.person.password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'The Ledger asks to know you' }).waitFor();
  const trace = doorward('trace', '--app', house.app.id, '--limit', '1').items[0];
  const steps = doorward('trace', trace.reference).steps;
  assert.ok(steps.some((step) => step.check === 'login.password' && step.outcome === 'refused'), JSON.stringify(steps));
  assert.ok(steps.some((step) => step.check === 'login.password' && step.outcome === 'ok'), JSON.stringify(steps));
});

test('somebody who left the login page goes back to the application', async () => {
  const page = await open();
  await page.goto(`${app}/login`);
  await page.getByRole('link', { name: 'Cancel, back to The Ledger' }).click();
  await page.getByRole('heading', { name: 'access_denied' }).waitFor();
});

test('a session is ended from another browser, and the browser it was in must log in again', async () => {
  const erna = await enrol('erna', 'Erna Eberhard', 'staff');
  const [home, work] = [await open(), await open()];
  await setPassword(home, erna);
  await work.goto(`${house.url}/login`);
  await typeLogin(work, erna);
  await work.waitForURL(`${house.url}/`);

  await home.getByRole('link', { name: 'Sessions' }).click();
  await home.getByText('This browser').waitFor();
  await home.getByRole('button', { name: /^End Chrom/ }).click();
  await home.getByRole('status').getByText('The session has been ended.').waitFor();
  await work.reload();
  await work.getByRole('heading', { name: 'Log in' }).waitFor();
  await home.reload();
  await home.getByText('This browser').waitFor();
  assert.equal(doorward('user', 'sessions', 'erna').items.length, 1);
});

test('what is shared with an application is withdrawn with one click, and asked again', async () => {
  const gitta = await enrol('gitta', 'Gitta Glas', 'staff');
  const page = await open({ javaScriptEnabled: false });
  await setPassword(page, gitta);
  await page.goto(`${app}/login`);
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  await page.getByRole('heading', { name: 'Hello Gitta Glas' }).waitFor();

  await page.goto(house.url);
  await page.getByRole('link', { name: 'Sharing' }).click();
  await page.getByRole('heading', { name: 'What you share' }).waitFor();
  await page.getByText('Your e-mail address').waitFor();
  await page.getByRole('button', { name: 'Withdraw The Ledger' }).click();
  await page.getByRole('status').getByText('Withdrawn.').waitFor();
  await page.getByText('You share nothing').waitFor();
  assert.deepEqual(doorward('user', 'grants', 'gitta').items, []);

  await page.goto(`${app}/login`);
  await page.getByRole('heading', { name: 'The Ledger asks to know you' }).waitFor();
  assert.deepEqual(page.complaints, []);
});

test('a password is changed, and only the new one works', async () => {
  const frida = await enrol('frida', 'Frida Falk', 'staff');
  const page = await open();
  await setPassword(page, frida);
  await page.getByRole('link', { name: 'Password' }).click();
  const change = async (present, fresh) => {
    await page.getByLabel('Present password').fill(present);
    await page.getByLabel('New password', { exact: true }).fill(fresh);
    await page.getByLabel('New password again').fill(fresh);
    await page.getByRole('button', { name: 'Change password' }).click();
  };
  await change('not this one', 'a new one for frida');
  await page.getByRole('alert').getByText('The present password is wrong.').waitFor();
  await change(frida.password, 'a new one for frida');
  await page.getByRole('status').getByText('Your password has been changed.').waitFor();

  await page.getByRole('link', { name: 'Log out' }).click();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'You are logged out' }).waitFor();
  await page.getByRole('link', { name: 'Log in again' }).click();
  await typeLogin(page, frida);
  await page.getByRole('alert').waitFor();
  await typeLogin(page, frida, 'a new one for frida');
  await page.getByText('Frida Falk').waitFor();
});

test('a lost password is set anew by an administrator\'s link', async () => {
  const gerda = await enrol('gerda', 'Gerda Gross', 'staff');
  const page = await open();
  await setPassword(page, gerda);
  const link = doorward('user', 'link', 'gerda');
  assert.equal(link.purpose, 'reset');
  const fresh = await open();
  await fresh.goto(link.url);
  await fresh.getByRole('heading', { name: 'Set a new password' }).waitFor();
  await setPassword(fresh, { ...gerda, link: link.url, password: 'quite another one' });
});

test('the pages speak German to a German browser', async () => {
  const page = await open({ locale: 'de-DE' });
  await page.goto(`${app}/login`);
  assert.equal(await page.locator('html').getAttribute('lang'), 'de');
  await page.getByLabel('Benutzername').fill(house.person.name);
  await page.getByLabel('Passwort').fill('falsch geraten');
  await page.getByRole('button', { name: 'Anmelden' }).click();
  await page.getByRole('alert').waitFor();
  assert.doesNotMatch(await page.locator('main').innerText(), /password|user name|log in/i);
});

test('everything works without JavaScript, form_post included', async () => {
  const page = await open({ javaScriptEnabled: false });
  await page.goto(`${app}/login?response_mode=form_post`);
  await typeLogin(page, house.person);
  const allow = page.getByRole('button', { name: 'Allow', exact: true });
  const onwards = page.getByRole('button', { name: 'Go on to The Ledger' });
  await allow.or(onwards).waitFor();
  if (await allow.isVisible()) await allow.click();
  await onwards.click();
  await page.getByRole('heading', { name: 'Hello Alice Archer' }).waitFor();
});

test('with JavaScript, form_post goes on by itself', async () => {
  const page = await open();
  await page.goto(`${app}/login?response_mode=form_post`);
  await typeLogin(page, house.person);
  const allow = page.getByRole('button', { name: 'Allow', exact: true });
  const hello = page.getByRole('heading', { name: 'Hello Alice Archer' });
  await allow.or(hello).waitFor();
  if (await allow.isVisible()) await allow.click();
  await hello.waitFor();
  assert.deepEqual(page.complaints, []);
});

test('the keyboard is enough', async () => {
  const henny = await enrol('henny', 'Henny Hahn', 'staff');
  const setup = await open();
  await setPassword(setup, henny);
  const page = await open();
  await page.goto(`${app}/login`);
  // The cursor is where one types first.
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'username');
  await page.keyboard.type(henny.name);
  await page.keyboard.press('Tab');
  await page.keyboard.type(henny.password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'The Ledger asks to know you' }).waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the content');
  assert.ok(await page.locator('a.skip').isVisible(), 'it is seen when it has the focus');
  for (let tabs = 0; tabs < 10; tabs += 1) {
    await page.keyboard.press('Tab');
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.notEqual(outline, 'none', 'the focus is always seen');
    if ((await page.evaluate(() => document.activeElement?.textContent?.trim())) === 'Allow') break;
  }
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Hello Henny Hahn' }).waitFor();
});

test('a person chooses between light and dark, and every page of theirs obeys', async () => {
  const page = await open({ colorScheme: 'light' });
  const theo = await enrol('theo', 'Theo Example');
  await setPassword(page, theo);
  const shown = () => page.evaluate(() => [
    getComputedStyle(document.documentElement).colorScheme, getComputedStyle(document.documentElement).getPropertyValue('--ink'),
    getComputedStyle(document.querySelector('input, a')).colorScheme,
  ]);
  const [light, dark] = [['light', '#171f27', 'light'], ['dark', '#eef1f1', 'dark']];
  assert.deepEqual(await shown(), ['light dark', '#171f27', 'light dark'], 'as the browser, until somebody chooses');
  await page.goto(`${house.url}/account/profile`);
  await page.getByLabel('Appearance').selectOption('Dark');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('saved').first().waitFor();
  assert.deepEqual(await shown(), dark);
  await looksRight(page, 'profile-dark-by-choice');
  await page.emulateMedia({ colorScheme: 'light' });
  assert.equal(doorward('user', 'show', theo.name).theme, 'dark');
  await page.goto(`${house.url}/logout`);
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.goto(`${house.url}/login`);
  assert.deepEqual(await shown(), dark, 'the login page of this browser looks like what comes after it');
  await typeLogin(page, theo);
  await page.waitForURL(`${house.url}/`);
  doorward('user', 'edit', theo.name, '--theme', 'light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.reload();
  assert.deepEqual(await shown(), light, 'what was chosen for the account counts, and not what this browser remembers');
  doorward('user', 'edit', theo.name, '--theme', 'browser');
  await page.reload();
  assert.deepEqual(await shown(), ['light dark', '#eef1f1', 'light dark']);
});
