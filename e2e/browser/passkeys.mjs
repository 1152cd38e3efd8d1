// Passkeys in Chromium, with its virtual authenticators: every ceremony, and what must not work.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { close, doorward, enrol, house, launch, looksRight, open, setPassword, typeLogin } from './chromium.mjs';

before(launch);
after(close);

/**
 * Virtual authenticators answer at once, also what is only offered in the field for the user name. So that offer is left
 * out, except where it is what is tested.
 */
async function browser(options = {}, isOffered = false) {
  const page = await open(options);
  if (!isOffered) {
    await page.context().addInitScript(() => {
      if (window.PublicKeyCredential) PublicKeyCredential.isConditionalMediationAvailable = async () => false;
    });
  }
  return page;
}

/** A device at this page's browser: one that verifies its person, unless said otherwise. */
async function device(page, options = {}) {
  page.cdp ??= await page.context().newCDPSession(page);
  await page.cdp.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await page.cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true, ...options,
    },
  });
  const send = (command, more) => page.cdp.send(`WebAuthn.${command}`, { authenticatorId, ...more });
  return {
    credentials: async () => (await send('getCredentials')).credentials,
    add: (credential) => send('addCredential', { credential }),
    clear: () => send('clearCredentials'),
    verifies: (isUserVerified) => send('setUserVerified', { isUserVerified }),
    remove: () => send('removeVirtualAuthenticator'),
  };
}

async function person(name, isOffered) {
  const page = await browser({}, isOffered);
  const somebody = await enrol(name, `${name[0].toUpperCase()}${name.slice(1)} Example`);
  await setPassword(page, somebody);
  return { page, somebody };
}

async function add(page, name) {
  await page.goto(`${house.url}/account/passkeys`);
  if (name) await page.getByLabel('Name').last().fill(name);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
}

/** Whether the person has to prove the passkey that they have first. */
const isLedAway = (page) => page.waitForURL(/\/login/, { timeout: 2500 }).then(() => true, () => false);

async function prove(page) {
  await usePasskey(page);
  await page.waitForURL(/\/account\/passkeys/);
}

async function register(page, name) {
  await add(page, name);
  if (!await isLedAway(page)) return keep(page);
  await prove(page);
  return add(page, name);
}

/** Recovery codes come with the first factor; whoever has kept them sees their passkeys. */
async function keep(page) {
  const kept = page.getByRole('link', { name: 'I have kept them' });
  if (await kept.isVisible()) await kept.click();
}

async function logOut(page) {
  await page.goto(`${house.url}/logout`);
  const button = page.getByRole('button', { name: 'Log out' });
  if (await button.isVisible()) await button.click();
  await page.context().clearCookies({ name: /session/ });
  await page.goto(`${house.url}/login`);
}

const usePasskey = (page) => page.getByRole('button', { name: 'Use a passkey' }).click();
const refused = (page) => page.getByText('This passkey was not accepted.').waitFor();

/** What the session says of how it was begun. */
const methods = (name) => doorward('session', 'list', name).items[0].methods;

test('a passkey is registered, logs in alone, is renamed and removed, and then opens nothing', async () => {
  const { page } = await person('ada');
  const laptop = await device(page, { defaultBackupEligibility: false });
  await page.goto(`${house.url}/account/passkeys`);
  await looksRight(page, 'passkeys-none');
  assert.match(await page.getByLabel('Name').inputValue(), /Chrome/, 'it is named after this browser');
  await register(page, 'My laptop');
  await page.getByText('The passkey has been added.').waitFor();
  await page.getByRole('heading', { name: 'My laptop' }).waitFor();
  const [made] = await laptop.credentials();
  assert.ok(made.isResidentCredential);
  await looksRight(page, 'passkeys-one');

  // The same device makes no second one for the same person.
  await register(page, 'Again');
  await page.getByText('This device has a passkey for your account already.').waitFor();

  await logOut(page);
  await looksRight(page, 'login-passkey');
  await usePasskey(page);
  await page.waitForURL(`${house.url}/`);
  assert.deepEqual(methods('ada'), ['hwk', 'user', 'mfa']);
  const [row] = doorward('user', 'passkeys', 'ada').items;
  assert.ok(row.last_used && row.verifies_user && row.discoverable && !row.synced);

  await page.goto(`${house.url}/account/passkeys`);
  await page.getByText('Rename My laptop').click();
  await page.getByLabel('Name').first().fill('Büro "1" <b>');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The passkey has its new name.').waitFor();
  await page.getByRole('heading', { name: 'Büro "1" <b>' }).waitFor();
  await page.getByRole('button', { name: /^Remove/ }).click();
  await page.getByText('The passkey has been removed.').waitFor();

  await logOut(page);
  await usePasskey(page);
  await refused(page);
  assert.deepEqual(page.complaints, []);
});

test('a passkey leads on into the application that asked', async () => {
  const { page, somebody } = await person('ben');
  doorward('group', 'member', 'add', 'staff', somebody.name);
  await device(page, { defaultBackupEligibility: true, defaultBackupState: true });
  await register(page);
  await page.getByText('The passkey has been added.').waitFor();
  await page.getByText('on all your devices').waitFor();
  await logOut(page);
  const callback = `http://localhost:${house.app.port}/callback`;
  const application = createServer((_, reply) => reply.end('arrived'));
  await new Promise((done) => { application.listen(house.app.port, 'localhost', done); });
  const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
  const query = new URLSearchParams({
    response_type: 'code', client_id: house.app.id, redirect_uri: callback, scope: 'openid', state: 's',
    code_challenge: challenge, code_challenge_method: 'S256',
  });
  await page.goto(`${house.url}/authorize?${query}`);
  await usePasskey(page);
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  await page.waitForURL(`${callback}**`);
  assert.match(page.url(), /code=/);
  application.close();
  assert.deepEqual(methods('ben'), ['swk', 'user', 'mfa'], 'a synced passkey is a key in software');
});

test('a second device is a second passkey, and each is removed by itself', async () => {
  const { page, somebody } = await person('cora');
  const first = await device(page);
  await register(page, 'First');
  await page.getByRole('heading', { name: 'First' }).waitFor();
  await add(page, 'Second');
  assert.ok(await isLedAway(page), 'whoever has a passkey proves it before they add another');
  await prove(page);
  await first.remove();
  const second = await device(page);
  await register(page, 'Second');
  await page.getByRole('heading', { name: 'Second' }).waitFor();
  const [one] = doorward('user', 'passkeys', somebody.name).items;
  doorward('user', 'remove-passkey', somebody.name, one.id);
  await logOut(page);
  await usePasskey(page);
  await page.waitForURL(`${house.url}/`);
  assert.equal((await second.credentials()).length, 1);
});

test('of two tabs that each register a passkey, the slower one is first asked for the passkey of the other', async () => {
  const { page, somebody } = await person('kai');
  await device(page);
  const other = await page.context().newPage();
  await device(other);
  await other.bringToFront();
  await other.goto(`${house.url}/account/passkeys`);
  // Its device has answered, and the answer waits while the first tab registers: both were asked while there was none.
  await other.evaluate(() => {
    const create = navigator.credentials.create.bind(navigator.credentials);
    navigator.credentials.create = async (options) => {
      const made = await create(options);
      await new Promise((go) => { window.go = go; });
      return made;
    };
  });
  await other.getByLabel('Name').last().fill('Laptop');
  await other.getByRole('button', { name: 'Add', exact: true }).click();
  await other.waitForFunction(() => window.go);
  await page.bringToFront();
  await add(page, 'Phone');
  await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
  await other.evaluate(() => window.go());
  await other.waitForURL(/\/login/);
  const names = () => doorward('user', 'passkeys', somebody.name).items.map(({ name }) => name).sort();
  assert.deepEqual(names(), ['Phone'], 'what the slower tab sent counts for nothing yet');
  assert.equal(doorward('user', 'factors', somebody.name).recovery_codes, 10, 'and the codes of the first are the codes');

  await page.goto(`${house.url}/account/passkeys`);
  await add(page, 'Once more');
  assert.ok(await isLedAway(page));
  await prove(page);
  await other.bringToFront();
  await add(other, 'Laptop');
  await other.getByText('The passkey has been added.').waitFor();
  assert.deepEqual(names(), ['Laptop', 'Phone']);
  for (const tab of [page, other]) {
    await tab.bringToFront();
    await logOut(tab);
    await usePasskey(tab);
    await tab.waitForURL(`${house.url}/`);
  }
});

test('the login page offers passkeys where the user name is typed', async () => {
  const { page } = await person('iris', true);
  const laptop = await device(page);
  await register(page);
  await page.getByText('The passkey has been added.').waitFor();
  await page.goto(`${house.url}/logout`);
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByText('logged out').first().waitFor();
  // Nothing is pressed: the person picked it from the list.
  await page.goto(`${house.url}/login`);
  await page.waitForURL(`${house.url}/`);
  assert.deepEqual(methods('iris').at(-1), 'mfa');
  await laptop.remove();
});

test('a person who cancels can try again or type', async () => {
  const { page, somebody } = await person('dan');
  const laptop = await device(page);
  await laptop.verifies(false);
  await page.goto(`${house.url}/account/passkeys`);
  await register(page);
  await page.getByText('No passkey was made.').waitFor();
  await looksRight(page, 'passkeys-cancelled');
  await laptop.verifies(true);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByText('The passkey has been added.').waitFor();
  await laptop.verifies(false);
  await logOut(page);
  // A device that does not recognise its person proves nothing alone.
  await usePasskey(page);
  await page.getByText('No passkey was used.').waitFor();
  await looksRight(page, 'login-passkey-cancelled');
  await typeLogin(page, somebody);
  await page.waitForURL(`${house.url}/`);
});

test('a copy betrays itself by its counter, and neither is accepted any more', async () => {
  const { page, somebody } = await person('eve');
  const original = await device(page);
  await register(page);
  await page.getByText('The passkey has been added.').waitFor();
  const [stolen] = await original.credentials();
  for (let round = 0; round < 2; round += 1) {
    await logOut(page);
    await usePasskey(page);
    await page.waitForURL(`${house.url}/`);
  }
  const [used] = await original.credentials();
  assert.ok(used.signCount > stolen.signCount);

  const thief = await browser();
  const copy = await device(thief);
  await copy.add(stolen);
  await thief.goto(`${house.url}/login`);
  await usePasskey(thief);
  await thief.getByText('There may be a copy of this passkey').waitFor();
  await looksRight(thief, 'login-passkey-copied');
  // The copy catches up; the original is ahead: both are out.
  await usePasskey(thief);
  await thief.getByText('There may be a copy of this passkey').waitFor();
  await logOut(page);
  await usePasskey(page);
  await page.getByText('There may be a copy of this passkey').waitFor();
  const events = doorward('event', 'list', '--action', 'user.passkey.copied').items;
  assert.equal(events.length, 1);
  assert.equal(events[0].subject.name, somebody.name);
  await typeLogin(page, somebody);
  await page.waitForURL(`${house.url}/`);
  await page.goto(`${house.url}/account/passkeys`);
  await page.getByText('There may be a copy of this passkey').waitFor();
  await looksRight(page, 'passkeys-copied');
});

test('what was signed on another page, for another browser, or before is not accepted', async () => {
  const { page } = await person('finn');
  const own = await device(page);
  await register(page);
  await page.getByText('The passkey has been added.').waitFor();
  await logOut(page);

  /** Asks the server what to ask, as the page's own script does. */
  const options = (where) => where.evaluate(async () => {
    const form = document.querySelector('form[data-passkey]');
    const reply = await fetch(form.dataset.options, { method: 'POST', body: new URLSearchParams(new FormData(form)) });
    return reply.json();
  });
  const sign = (where, asked) => where.evaluate(async (json) => {
    const made = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(json) });
    return JSON.stringify(made.toJSON());
  }, asked);
  const send = (where, answer) => where.evaluate((json) => {
    const form = document.querySelector('form[data-passkey]');
    form.elements.answer.value = json;
    HTMLFormElement.prototype.submit.call(form);
  }, answer);

  // A page of the same host on another port: the browser lets it use the RP ID, and says where it was.
  const elsewhere = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end('<!DOCTYPE html><title>x</title>'));
  await new Promise((done) => { elsewhere.listen(0, '127.0.0.1', done); });
  const asked = await options(page);
  const foreign = await page.context().newPage();
  await foreign.goto(`http://localhost:${elsewhere.address().port}/`);
  const [key] = await own.credentials();
  const there = await device(foreign);
  await there.add({ ...key, signCount: key.signCount + 10 });
  const phished = await sign(foreign, asked);
  assert.match(Buffer.from(JSON.parse(phished).response.clientDataJSON, 'base64url').toString(), new RegExp(String(elsewhere.address().port)));
  await send(page, phished);
  await refused(page);
  elsewhere.close();

  // Another browser's answer, carried over.
  const other = await browser();
  await other.goto(`${house.url}/login`);
  const theirs = await options(other);
  await send(page, await sign(page, theirs));
  await refused(page);

  // Twice.
  const mine = await options(page);
  const answer = await sign(page, mine);
  await send(page, answer);
  await page.waitForURL(`${house.url}/`);
  await logOut(page);
  await send(page, answer);
  await refused(page);
  const trace = doorward('trace').items.filter(({ user }) => user === 'finn');
  assert.ok(trace.length > 0, 'an administrator sees what was refused');
});

test('a passkey is added and removed only after a fresh login, and never by a foreign form', async () => {
  const { page } = await person('gus');
  await page.goto(`${house.url}/account/passkeys`);
  const answer = await page.evaluate(async () => {
    const reply = await fetch('/account/passkeys/options', { method: 'POST', body: new URLSearchParams({ csrf: 'guessed' }) });
    return [reply.status, await reply.json()];
  });
  assert.deepEqual(answer, [403, { next: '/account/passkeys' }]);
  const stranger = await browser();
  await stranger.goto(`${house.url}/login`);
  const nobody = await stranger.evaluate(async () => {
    const reply = await fetch('/account/passkeys/options', { method: 'POST', body: new URLSearchParams({ csrf: '' }) });
    return [reply.status, (await reply.json()).next];
  });
  assert.equal(nobody[0], 403);
  assert.match(nobody[1], /^\/login\?attempt=/);
});

test('recovery codes are shown with the first passkey and let its owner in without it', async () => {
  const { page, somebody } = await person('ivy');
  const phone = await device(page);
  await add(page, 'Phone');
  await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
  await looksRight(page, 'recovery-codes-passkey');
  const codes = await page.locator('.codes code').allTextContents();
  assert.equal(codes.length, 10);
  await page.getByRole('link', { name: 'I have kept them' }).click();
  await page.getByText('The passkey has been added.').waitFor();
  await phone.remove();
  doorward('policy', 'set', '--factors', 'second');
  await logOut(page);
  await typeLogin(page, somebody);
  await page.getByLabel('Recovery code').fill(codes[3]);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.waitForURL(`${house.url}/`);
  doorward('policy', 'set', '--factors', 'any');
});

test('where any second factor will do, a passkey and an app are both offered on the way in', async () => {
  const { page, somebody } = await person('sven');
  doorward('group', 'add', 'careful');
  doorward('group', 'member', 'add', 'careful', somebody.name);
  doorward('policy', 'set', '--group', 'careful', '--factors', 'second');
  await logOut(page);
  await typeLogin(page, somebody);
  await page.getByRole('heading', { name: 'Or an authenticator app' }).waitFor();
  await looksRight(page, 'enrol-both');
  await device(page, { defaultBackupEligibility: true, defaultBackupState: true });
  await page.getByLabel('Name').fill('My keychain');
  await page.getByRole('button', { name: 'Set up a passkey' }).click();
  await page.getByRole('link', { name: 'I have kept them, go on' }).click();
  await page.waitForURL(`${house.url}/`);
  assert.deepEqual(methods('sven'), ['pwd', 'swk', 'user', 'mfa']);
  assert.equal(doorward('user', 'passkeys', 'sven').items[0].name, 'My keychain');
});

/** The certificate that Chromium's virtual authenticators show when they are asked who made them, as PEM. */
async function maker(page) {
  await page.goto(`${house.url}/account/passkeys`);
  const object = await page.evaluate(async () => {
    const made = await navigator.credentials.create({ publicKey: {
      rp: { name: 'x' }, user: { id: new Uint8Array([9]), name: 'x', displayName: 'x' }, challenge: new Uint8Array(16),
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }], attestation: 'direct',
    } });
    return [...new Uint8Array(made.response.attestationObject)];
  });
  const bytes = Buffer.from(object);
  // x5c, an array of one byte string with a length of two bytes.
  const at = bytes.indexOf(Buffer.concat([Buffer.from('x5c'), Buffer.from([0x81, 0x59])])) + 5;
  assert.ok(at > 5, 'the authenticator says who made it');
  const der = bytes.subarray(at + 2, at + 2 + bytes.readUInt16BE(at));
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').match(/.{1,64}/g).join('\n')}\n-----END CERTIFICATE-----\n`;
}

test('where makers are chosen, a passkey of another is not let in, on the own page and on the way in', async () => {
  const { page, somebody } = await person('tom');
  await device(page);
  const theirs = await maker(page);
  const file = (name, text) => {
    writeFileSync(`${house.data}/${name}.pem`, text);
    return `${house.data}/${name}.pem`;
  };
  const chosen = (pem) => doorward('setting', 'edit', '--attestation-roots', pem);
  chosen(file('other', doorward('ca', 'init', '--permit', 'example.com').certificate));
  await page.goto(`${house.url}/account/passkeys`);
  await add(page, 'Strange');
  await page.getByText('Passkeys of this device are not let in here.').waitFor();
  await looksRight(page, 'passkeys-untrusted');
  assert.equal(doorward('user', 'factors', somebody.name).passkeys, 0);
  doorward('group', 'add', 'guarded');
  doorward('group', 'member', 'add', 'guarded', somebody.name);
  doorward('policy', 'set', '--group', 'guarded', '--factors', 'passkey');
  await logOut(page);
  await typeLogin(page, somebody);
  await page.getByRole('button', { name: 'Set up a passkey' }).click();
  await page.getByText('Passkeys of this device are not let in here.').waitFor();
  chosen(file('theirs', theirs));
  await page.getByRole('button', { name: 'Set up a passkey' }).click();
  await page.getByRole('link', { name: 'I have kept them, go on' }).click();
  await page.waitForURL(`${house.url}/`);
  assert.equal(doorward('user', 'factors', somebody.name).passkeys, 1);
  chosen('none');
});

test('everything but passkeys works without scripts', async () => {
  const page = await open({ javaScriptEnabled: false });
  const somebody = await enrol('hal', 'Hal Example');
  await setPassword(page, somebody);
  await page.goto(`${house.url}/account/passkeys`);
  await page.getByText('Adding a passkey needs a browser that runs scripts').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Add', exact: true }).isVisible(), false);
  await page.goto(`${house.url}/logout`);
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.goto(`${house.url}/login`);
  assert.equal(await page.getByRole('button', { name: 'Use a passkey' }).isVisible(), false);
  await typeLogin(page, somebody);
  await page.waitForURL(`${house.url}/`);
});
