// The console as an administrator meets it: the main journeys, each page looked at.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { close, doorward, house, launch, looksRight, open, typeLogin } from './chromium.mjs';

before(launch);
after(close);

async function enter(path = '/admin', options = {}) {
  const page = await open(options);
  await page.goto(`${house.url}${path}`);
  if (options.locale === 'de-DE') {
    await page.getByLabel('Benutzername').fill(house.administrator.name);
    await page.getByLabel('Passwort').fill(house.administrator.password);
    await page.getByRole('button', { name: 'Anmelden' }).click();
  } else {
    await typeLogin(page, house.administrator);
  }
  await page.waitForURL(`${house.url}${path}`);
  return page;
}

test('NetBox is added from the start page and a group is let in, by what the pages say alone', async () => {
  const page = await open();
  await page.goto(`${house.url}/`);
  await typeLogin(page, house.administrator);
  await page.getByRole('link', { name: 'Administer this server' }).click();
  await looksRight(page, 'console-overview');
  await page.getByRole('navigation', { name: 'Console' }).getByRole('link', { name: 'Applications' }).click();
  await page.getByRole('link', { name: 'Add an application' }).click();
  await looksRight(page, 'console-app-choose');
  await page.getByRole('link', { name: /^NetBox/ }).click();
  await page.getByLabel('Address').fill('https://netbox.example.com');
  await looksRight(page, 'console-app-add');
  await page.getByRole('button', { name: 'Add an application' }).click();
  await page.getByRole('heading', { name: 'NetBox has been added' }).waitFor();
  await looksRight(page, 'console-app-added');
  const shown = doorward('app', 'secret', 'show', 'netbox');
  assert.ok((await page.content()).includes(shown.secret), 'the configuration holds the secret');
  await page.getByRole('main').getByRole('link', { name: 'NetBox', exact: true }).click();
  await page.getByText('Nobody is let in yet.').waitFor();
  await page.getByLabel('Group').fill('netbox_users');
  await page.getByRole('button', { name: 'Let a group in' }).click();
  await page.getByText('The change has been saved.').waitFor();
  await looksRight(page, 'console-app');
  await page.getByLabel('User name').fill('alice');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.getByRole('heading', { name: 'alice would be let into netbox' }).waitFor();
  await looksRight(page, 'console-app-preview');
  assert.deepEqual(doorward('app', 'show', 'netbox').scope_map.map((entry) => entry.group), ['netbox_users']);
});

test('a person is added by keyboard alone', async () => {
  const page = await enter('/admin/people/add');
  for (let presses = 0; presses < 40 && !(await page.getByLabel('User name').evaluate((field) => field === document.activeElement)); presses += 1) {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.type('carla');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Carla Corvi');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'carla has been added' }).waitFor();
  await looksRight(page, 'console-person-added');
});

test('every room is looked at', async () => {
  const page = await enter();
  doorward('service', 'add', 'robot');
  doorward('service', 'token', 'add', 'robot');
  for (const [room, name] of [
    ['people', 'console-people'],
    ['people/alice', 'console-person'],
    ['people/alice/delete', 'console-person-delete'],
    ['groups', 'console-groups'],
    ['groups/add', 'console-group-add'],
    ['groups/netbox_users', 'console-group'],
    ['apps', 'console-apps'],
    ['upstreams', 'console-upstreams'],
    ['upstreams/add', 'console-upstream-choose'],
    ['upstreams/add/keycloak', 'console-upstream-add'],
    ['traces', 'console-traces'],
    ['events', 'console-events'],
    ['sessions', 'console-sessions'],
    ['services', 'console-services'],
    ['services/robot', 'console-service'],
    ['admins', 'console-admins'],
    ['keys', 'console-keys'],
    ['settings', 'console-settings'],
    ['people/nobody', 'console-refused'],
  ]) {
    await page.goto(`${house.url}/admin/${room}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await looksRight(page, name);
  }
});

test('logins appear while somebody looks, and one is found by its reference', async () => {
  const page = await enter('/admin/traces');
  const other = await open();
  await other.goto(`${house.url}/login`);
  await typeLogin(other, { name: 'nobody-like-this', password: 'x' });
  await other.getByRole('alert').waitFor();
  await page.locator('#live').getByText('login.password').first().waitFor();
  const reference = await page.locator('#live td a').first().textContent();
  await page.getByLabel('Reference').fill(reference);
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByRole('heading', { name: `Login ${reference}` }).waitFor();
  await looksRight(page, 'console-trace');
});

test('without JavaScript everything is there', async () => {
  const page = await enter('/admin/groups/add', { javaScriptEnabled: false });
  await page.getByLabel('Group').fill('by_hand');
  await page.getByRole('button', { name: 'Add a group' }).click();
  await page.getByText('It has been added.').waitFor();
  await page.goto(`${house.url}/admin/events`);
  await page.getByText('group.add').first().waitFor();
});

test('German', async () => {
  const page = await enter('/admin', { locale: 'de-DE' });
  await page.getByRole('heading', { name: 'Überblick' }).waitFor();
  await looksRight(page, 'console-german-overview');
  await page.goto(`${house.url}/admin/apps/netbox`);
  await looksRight(page, 'console-german-app');
});
