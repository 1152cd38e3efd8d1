// The console as an administrator meets it: the main journeys, each page looked at.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
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

/** What an authenticator app shows now that has this key (RFC 6238). */
function oneTimeCode(key) {
  const bits = [...key].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const bytes = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac('sha1', bytes).update(counter).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
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
    ['people/alice/reset-factors', 'console-person-reset-factors'],
    ['policies', 'console-policies'],
    ['policies/default', 'console-policy-default'],
    ['policies/check?user=alice', 'console-policy-check'],
    ['mail', 'console-mail'],
    ['apps/netbox/settings', 'console-app-settings'],
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
    ['settings/files', 'console-files'],
    ['people/nobody', 'console-refused'],
  ]) {
    await page.goto(`${house.url}/admin/${room}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await looksRight(page, name);
  }
});

test('several files are planned together and carried out without a script, and bad ones are named', async () => {
  const page = await enter('/admin/settings/files', { javaScriptEnabled: false });
  const file = (name, text) => ({ name, mimeType: 'application/toml', buffer: Buffer.from(text) });
  const choose = async (folders) => {
    for (const [folder, files] of Object.entries(folders)) await page.locator(`input[name="${folder}"]`).setInputFiles(files);
    await page.getByRole('button', { name: 'See what they would change' }).click();
    await page.waitForURL('**/admin/settings/files/plan-all');
  };
  const paper = 'url = "https://paper.example.com"\r\n\r\n[scope_map]\r\ncrew = []\r\n';
  await choose({
    groups: [file('crew.toml', 'description = "Crew"\n'), file('deck.toml', 'groups = ["crew"]\n')],
    applications: [file('paper.toml', paper)],
  });
  await page.getByRole('heading', { name: 'What would change' }).waitFor();
  for (const path of ['groups/crew.toml', 'groups/deck.toml', 'applications/paper.toml']) {
    await page.getByRole('cell', { name: path, exact: true }).first().waitFor();
  }
  assert.ok(!doorward('group', 'list').items.some((group) => group.name === 'crew'), 'a plan changes nothing');
  await page.getByRole('button', { name: 'Carry it out' }).click();
  await page.getByText('The change has been saved.').waitFor();
  assert.deepEqual(doorward('app', 'show', 'paper').scope_map.map((entry) => entry.group), ['crew']);

  const crew = file('crew.toml', '');
  for (const [folders, said] of [
    [{}, 'at least one file'],
    [{ groups: [crew, crew] }, 'groups/crew.toml: expected each file once'],
    [{ groups: [crew, file('Crew.toml', '')] }, 'is about the same'],
    [{ groups: [{ ...crew, buffer: Buffer.from([0x61, 0xff]) }] }, 'groups/crew.toml: expected text in UTF-8'],
    [{ groups: [file('crew.toml', '#'.repeat(1024 * 1024 + 1))] }, 'at most 1048576 bytes'],
    [{ groups: [file('paper.toml', paper)] }, 'groups/paper.toml: unknown field `scope_map`'],
    [{ single: [file('paper.toml', paper)] }, 'received `paper.toml`'],
    [{ applications: [file('paper.txt', paper)] }, 'received `applications/paper.txt`'],
  ]) {
    await page.goto(`${house.url}/admin/settings/files`);
    await choose(folders);
    const shown = await page.locator('main').innerText();
    assert.ok(shown.includes(said), `${said}: ${shown}`);
    assert.equal(await page.getByRole('button', { name: 'Carry it out' }).count(), 0, said);
  }
});

test('a policy is set, somebody answers it, loses the telephone and begins anew', async () => {
  const page = await enter('/admin/groups/netbox_users');
  await page.getByRole('link', { name: 'Set the policy' }).click();
  await page.getByLabel('How strong').selectOption('two factors');
  await page.getByLabel('Days that a browser is remembered').fill('30');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The change has been saved.').waitFor();
  await looksRight(page, 'console-policy-group');
  const [named] = doorward('policy', 'show').groups;
  assert.deepEqual([named.name, named.policy.factors, named.policy.remember_days], ['netbox_users', 'second', 30]);

  const hers = await open();
  await hers.goto(`${house.url}/login`);
  await typeLogin(hers, house.person);
  await hers.getByRole('heading', { name: 'Set up a second factor' }).waitFor();
  const key = (await hers.locator('.secret code').textContent()).replaceAll(/\s/g, '');
  await hers.getByLabel('Code from the app').fill(oneTimeCode(key));
  await hers.getByRole('button', { name: 'Finish' }).click();
  await hers.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
  assert.ok(doorward('user', 'factors', 'alice').totp, 'she has an app');

  await page.goto(`${house.url}/admin/people/alice`);
  await looksRight(page, 'console-person-with-factors');
  await page.getByRole('link', { name: 'Take every factor away' }).click();
  await page.getByRole('heading', { name: 'Take every factor of alice away?' }).waitFor();
  await page.getByRole('button', { name: 'Take every factor away' }).click();
  await page.getByText('It has been removed.').waitFor();
  const left = doorward('user', 'factors', 'alice');
  assert.deepEqual([left.totp, left.recovery_codes], [undefined, 0]);
  await hers.goto(`${house.url}/account/sessions`);
  await typeLogin(hers, house.person);
  await hers.getByRole('heading', { name: 'Set up a second factor' }).waitFor();

  await page.goto(`${house.url}/admin/policies/group/netbox_users`);
  await page.getByLabel('How strong').selectOption('one factor');
  await page.getByLabel('Days that a browser is remembered').fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The change has been saved.').waitFor();
  assert.deepEqual(doorward('policy', 'show').groups, []);
});

test('a rare setting is changed, and a wrong one is said where it was typed', async () => {
  const page = await enter('/admin/apps/netbox');
  await page.getByRole('link', { name: 'All other settings' }).click();
  await page.getByLabel('Further claims').fill('roles=groups:netbox-*');
  const contents = page.locator('section', { has: page.getByRole('heading', { name: 'What it gets' }) });
  await contents.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The change has been saved.').waitFor();
  const [claim] = doorward('app', 'show', 'netbox').claims;
  assert.deepEqual([claim.claim, claim.groups], ['roles', 'netbox-*']);
  assert.equal(await page.getByLabel('Further claims').inputValue(), 'roles=groups:netbox-*');
  await page.getByLabel('Further claims').fill('roles');
  await contents.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByText('expected CLAIM=groups:PATTERN').waitFor();
  assert.equal(await page.getByLabel('Further claims').inputValue(), 'roles');
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
