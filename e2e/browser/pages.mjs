// Every page as a picture, in both themes, narrow and wide, with axe's verdict.
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { close, doorward, enrol, house, launch, looksRight, open, setPassword, typeLogin } from './chromium.mjs';

const authorize = (id, more = {}) => {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: id,
    redirect_uri: `http://localhost:${house.app.port}/callback`,
    scope: 'openid profile email groups',
    state: 'x',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...more,
  });
  return `${house.url}/authorize?${query}`;
};

before(launch);
after(close);

test('the login page, empty, for an application, and after a mistake', async () => {
  const page = await open();
  await page.goto(`${house.url}/login`);
  await looksRight(page, 'login');
  await page.goto(authorize(house.app.id));
  await looksRight(page, 'login-app');
  await typeLogin(page, house.person, 'wrong');
  await page.getByRole('alert').waitFor();
  await looksRight(page, 'login-wrong');
});

test('the login page when there were too many tries', async () => {
  const page = await open();
  await page.goto(`${house.url}/login`);
  const nobody = { name: 'somebody-unknown', password: 'x' };
  for (let tries = 0; tries < 21; tries += 1) {
    await typeLogin(page, nobody);
    await page.getByRole('alert').waitFor();
  }
  await page.getByText('There were too many tries').waitFor();
  await looksRight(page, 'login-throttled');
});

test('consent, account chooser, the password once more', async () => {
  const page = await open();
  await page.goto(authorize(house.app.id, { prompt: 'consent' }));
  await typeLogin(page, house.person);
  await page.getByRole('heading', { name: /asks to know you/ }).waitFor();
  await looksRight(page, 'consent');
  await page.goto(authorize(house.app.id, { prompt: 'select_account' }));
  await looksRight(page, 'account-chooser');
  await page.goto(authorize(house.app.id, { prompt: 'login' }));
  await looksRight(page, 'login-again');
});

test('refusals: an unregistered redirect URI, an unknown application, no access', async () => {
  const page = await open();
  await page.goto(authorize(house.app.id, { redirect_uri: `http://localhost:${house.app.port}/callback/` }));
  await looksRight(page, 'refused-redirect-uri');
  await page.goto(authorize('nobody'));
  await looksRight(page, 'refused-unknown-application');
  const ida = await enrol('ida', 'Ida Immel');
  await setPassword(page, ida);
  await looksRight(page, 'start-empty');
  await page.goto(authorize(house.app.id));
  await page.getByRole('heading', { name: /No access to/ }).waitFor();
  await looksRight(page, 'no-access');
});

test('the same refusals as an administrator sees them', async () => {
  const page = await open();
  const julia = await enrol('julia', 'Julia Jung', 'staff');
  doorward('admin', 'grant', 'full', 'julia');
  await setPassword(page, julia);
  await page.goto(authorize(house.app.id, { redirect_uri: `http://localhost:${house.app.port}/callback/` }));
  await page.getByRole('heading', { name: 'For the administrator' }).waitFor();
  await looksRight(page, 'refused-administrator');
});

test('enrolment, its mistakes, and a spent link', async () => {
  const page = await open();
  const klara = await enrol('klara', 'Klara Kern', 'staff');
  await page.goto(klara.link);
  await looksRight(page, 'enrol');
  await page.getByLabel('New password', { exact: true }).fill('one of eight');
  await page.getByLabel('New password again').fill('another');
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByRole('alert').waitFor();
  await looksRight(page, 'enrol-mismatch');
  await setPassword(page, klara);
  await page.goto(klara.link);
  await looksRight(page, 'link-spent');
  await page.goto(house.firstLink);
  await looksRight(page, 'first-administrator');
});

test('start page, sessions, password, logout', async () => {
  const page = await open();
  await page.goto(`${house.url}/login`);
  await typeLogin(page, house.person);
  await page.waitForURL(`${house.url}/`);
  await looksRight(page, 'start');
  await page.goto(`${house.url}/account/sessions`);
  await looksRight(page, 'sessions');
  await page.goto(`${house.url}/account/password`);
  await looksRight(page, 'password');
  await page.getByLabel('Present password').fill('wrong one');
  await page.getByLabel('New password', { exact: true }).fill('another for alice');
  await page.getByLabel('New password again').fill('another for alice');
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByRole('alert').waitFor();
  await looksRight(page, 'password-wrong');
  await page.goto(`${house.url}/logout`);
  await looksRight(page, 'logout');
  await page.getByRole('button', { name: 'Log out' }).click();
  await looksRight(page, 'logged-out');
});

test('what is shared with applications', async () => {
  const page = await open();
  const lena = await enrol('lena', 'Lena Lang', 'staff');
  await setPassword(page, lena);
  await page.goto(`${house.url}/account/grants`);
  await looksRight(page, 'grants-none');
  const application = createServer((_, response) => response.end('here')).listen(house.app.port, '127.0.0.1');
  await page.goto(authorize('silent'));
  await page.goto(authorize(house.app.id));
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  await page.getByText('here').waitFor();
  application.closeAllConnections();
  application.close();
  await page.goto(`${house.url}/account/grants`);
  await page.getByRole('button', { name: 'Withdraw The Ledger' }).waitFor();
  await looksRight(page, 'grants');
  await page.getByRole('button', { name: 'Withdraw The Ledger' }).click();
  await page.getByRole('status').waitFor();
  await looksRight(page, 'grants-withdrawn');
});

test('form_post, status, and an address with nothing behind it', async () => {
  const page = await open();
  // Its script would go on at once; held back, the page is what people without JavaScript see.
  await page.context().route(/submit[^/]*\.js/, (route) => route.abort());
  await page.goto(authorize('silent', { response_mode: 'form_post' }));
  await typeLogin(page, house.person);
  await page.getByRole('button', { name: /Go on to/ }).waitFor();
  await looksRight(page, 'form-post');
  await page.goto(`${house.url}/status`);
  await looksRight(page, 'status');
  await page.goto(`${house.url}/no/such/page`);
  await looksRight(page, 'not-found');
});

test('German has longer words', async () => {
  const page = await open({ locale: 'de-DE' });
  await page.goto(authorize(house.app.id, { redirect_uri: `http://localhost:${house.app.port}/callback/` }));
  await looksRight(page, 'german-refused');
  await page.goto(authorize(house.app.id));
  await looksRight(page, 'german-login');
});
