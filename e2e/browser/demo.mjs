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

/** Alice with a session, so that each login below is one click. */
async function alice() {
  const page = await open();
  await page.goto(`${house.url}/login`);
  await typeLogin(page, house.alice);
  await page.waitForURL(`${house.url}/`);
  return page;
}

/** The demo application's own page of a login that failed. */
async function failed(page, code) {
  await page.getByRole('heading', { name: 'The login failed' }).waitFor();
  await page.getByText(`Code: ${code}`).waitFor();
}

/** Goes the way of a login up to the address that brings the code to the application. */
async function withTheCode(page) {
  let url = new URL(`${house.app}/profile`);
  while (!(url.origin === house.app && url.searchParams.has('code'))) {
    const answer = await page.context().request.get(url.href, { maxRedirects: 0, headers: { accept: 'text/html' } });
    assert.equal(Math.floor(answer.status() / 100), 3, `${url}: ${answer.status()}`);
    url = new URL(answer.headers().location, url);
  }
  return url;
}

/** The last login to the demo application. */
function latest() {
  const { items } = doorward('trace', '--app', 'demo');
  const last = items.reduce((one, other) => (Date.parse(other.updated) > Date.parse(one.updated) ? other : one));
  return doorward('trace', last.reference);
}

test('its redirect URI with a slash too many is refused with the place where it differs', async () => {
  const [right] = doorward('app', 'show', 'demo').redirect_uris;
  doorward('app', 'edit', 'demo', '--remove-redirect-uri', right, '--add-redirect-uri', `${right}/`);
  const page = await alice();
  await page.goto(`${house.app}/profile`);
  await page.getByRole('heading', { name: 'The way back is not registered' }).waitFor();
  const trace = doorward('trace', await page.locator('.reference code').innerText());
  assert.match(trace.conclusion.sentence, /a missing `\/`/);
  doorward('app', 'edit', 'demo', '--remove-redirect-uri', `${right}/`, '--add-redirect-uri', right);
});

test('ES256 is as good as RS256 for it', async () => {
  doorward('app', 'edit', 'demo', '--id-token-alg', 'ES256');
  const page = await alice();
  await page.goto(`${house.app}/profile`);
  await page.locator('#name').waitFor();
  doorward('app', 'edit', 'demo', '--id-token-alg', 'RS256');
});

test('a code that took too long is refused, on its page and in the trace', async () => {
  doorward('app', 'edit', 'demo', '--lifetime', 'code=10');
  const page = await alice();
  const way = await withTheCode(page);
  await new Promise((done) => setTimeout(done, 10_500));
  await page.goto(way.href);
  await failed(page, 'token_exchange_failed');
  assert.match(latest().conclusion.sentence, /after its lifetime of 10 s/);
  doorward('app', 'edit', 'demo', '--lifetime', 'code=preset');
});

test('a code that somebody else was quicker with ends the login', async () => {
  const { secret } = doorward('app', 'secret', 'show', 'demo');
  const page = await alice();
  const way = await withTheCode(page);
  const stolen = await fetch(`${house.url}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`demo:${secret}`)}` },
    body: new URLSearchParams({ grant_type: 'authorization_code', code: way.searchParams.get('code'), redirect_uri: `${way.origin}${way.pathname}` }),
  });
  assert.equal(stolen.status, 400, 'it lacks the verifier');
  await page.goto(way.href);
  await failed(page, 'token_exchange_failed');
  const refused = latest().steps.filter((step) => step.outcome === 'refused').map((step) => step.check);
  assert.deepEqual(refused, ['token.pkce', 'token.code']);
});

test('the way back opened a second time, as by the back button, does no harm', async () => {
  const page = await alice();
  const way = await withTheCode(page);
  await page.goto(way.href);
  await page.locator('#name').waitFor();
  await page.goto(way.href);
  await page.getByText('Hello, Alice Example').waitFor();
});

test('a secret of which the application was not told is named in the trace', async () => {
  doorward('app', 'secret', 'rotate', 'demo');
  const page = await alice();
  await page.goto(`${house.app}/profile`);
  await failed(page, 'token_exchange_failed');
  const trace = latest();
  assert.equal(trace.user, 'alice');
  assert.equal(trace.steps.findLast((step) => step.outcome === 'refused').check, 'client.secret');
});
