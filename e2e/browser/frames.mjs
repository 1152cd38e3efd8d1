// Frames: those of applications in the page after a logout, and ours in pages of applications.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { serveApplication } from './application.mjs';
import { close, doorward, house, launch, open, typeLogin } from './chromium.mjs';

const app = `http://localhost:${house.app.port}`;
const stranger = `http://localhost:${house.stranger}`;
const loaded = [];
const stops = [];

before(async () => {
  await launch();
  // What the application does when its frame is loaded: keeps what came, and tries to lead the page away.
  const frame = (request, response) => {
    loaded.push({ url: new URL(request.url, app), headers: request.headers });
    response.writeHead(200, { 'content-type': 'text/html', 'cache-control': 'no-store' });
    response.end('<!doctype html><title>Out</title><script>document.title = "ran"; top.location = "/stolen";</script>');
  };
  stops.push(await serveApplication({ issuer: house.url, ...house.app }, {}, { '/frame': frame }));
  const other = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Stranger</title>'));
  await new Promise((ready) => other.listen(house.stranger, '127.0.0.1', ready));
  stops.push(() => {
    other.closeAllConnections();
    other.close();
  });
});

after(async () => {
  for (const stop of stops) stop();
  await close();
});

/** Logs in at the application, with the password if it is asked for; what its pages ask for the session by. */
async function logIn(page) {
  await page.goto(`${app}/login`);
  if (page.url().startsWith(house.url)) await typeLogin(page, house.person);
  await page.getByRole('heading', { name: 'Hello Alice Archer' }).waitFor();
  const state = new URL(page.url()).searchParams.get('session_state');
  assert.match(state, /^[0-9a-f]{64}\.[0-9a-f]{32}$/);
  return state;
}

/** What the frame answers a page that loads it and asks. */
async function ask(page, question) {
  const { check_session_iframe: frame } = await (await fetch(`${house.url}/.well-known/openid-configuration`)).json();
  return page.evaluate(
    async ([frame, question]) => {
      const iframe = document.createElement('iframe');
      iframe.src = frame;
      document.body.append(iframe);
      await new Promise((done) => iframe.addEventListener('load', done));
      const answer = new Promise((done) => addEventListener('message', (event) => done([event.origin, event.data]), { once: true }));
      iframe.contentWindow.postMessage(question, new URL(frame).origin);
      const silence = new Promise((done) => setTimeout(() => done('silence'), 1500));
      return Promise.race([answer, silence]);
    },
    [frame, question],
  );
}

async function logOut(page) {
  await page.goto(`${house.url}/logout?client_id=${house.app.id}&post_logout_redirect_uri=${app}/bye&state=7`);
  await page.getByRole('button', { name: 'Log out' }).click();
}

test('a logout loads the frame of the application with issuer and session, which leads nobody away, and goes on', async () => {
  const page = await open();
  await logIn(page);
  await logOut(page);
  await page.getByText('Asked in this browser').waitFor();
  await page.waitForURL(`${app}/bye?state=7`);
  assert.equal(loaded.length, 1);
  const [{ url, headers }] = loaded;
  const [trace] = doorward('trace', '--app', house.app.id, '--limit', '1').items;
  const steps = doorward('trace', trace.reference).steps;
  assert.ok(steps.some((step) => step.detail.includes('ledger: a frame in the page')), JSON.stringify(steps));
  assert.equal(url.searchParams.get('from'), 'doorward');
  assert.equal(url.searchParams.get('iss'), house.url);
  assert.match(url.searchParams.get('sid'), /^[0-9a-f-]{36}$/);
  assert.equal(headers['sec-fetch-dest'], 'iframe');
  assert.equal(headers.referer, undefined);
  assert.ok(page.complaints.length > 0, 'the frame has tried');
  for (const complaint of page.complaints) assert.match(complaint, /navigation|navigate/);
});

test('oidcc_session_management_rp_initiated_logout', async () => {
  const page = await open();
  const state = await logIn(page);
  const is = (answer) => [house.url, answer];
  assert.deepEqual(await ask(page, `ledger ${state}`), is('unchanged'));
  assert.deepEqual(await ask(page, `wiki ${state}`), is('changed'));
  assert.deepEqual(await ask(page, `ledger ${state.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))}`), is('changed'));
  for (const nonsense of ['', 'ledger', `ledger ${state} more`, 'ledger nosalt', { client: 'ledger' }, 'x'.repeat(600)]) {
    assert.deepEqual(await ask(page, nonsense), is('error'), JSON.stringify(nonsense));
  }
  assert.deepEqual(page.complaints, []);

  // A page of somebody else does not get the frame at all.
  const elsewhere = await page.context().newPage();
  await elsewhere.goto(`${stranger}/`);
  assert.equal(await ask(elsewhere, `ledger ${state}`), 'silence');

  const second = await page.context().newPage();
  await logOut(second);
  await second.waitForURL(`${app}/bye?state=7`);
  assert.deepEqual(await ask(page, `ledger ${state}`), is('changed'));
  const next = await logIn(second);
  assert.deepEqual(await ask(page, `ledger ${state}`), is('changed'));
  assert.deepEqual(await ask(page, `ledger ${next}`), is('unchanged'));
});
