// The whole code-flow surface of npm openid-client v6 against the server, unmodified.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import * as oidc from 'openid-client';
import { Browser } from './browser.mjs';

const { issuer, apps, person, own, doorward, data } = JSON.parse(process.env.E2E);
const redirectUri = 'http://127.0.0.1:9/callback';
const insecure = { execute: [oidc.allowInsecureRequests] };

const methods = {
  basic: (app) => oidc.ClientSecretBasic(app.secret),
  post: (app) => oidc.ClientSecretPost(app.secret),
  none: () => oidc.None(),
  key: (app) => oidc.PrivateKeyJwt({ key: app.key, kid: 'e2e' }),
};

/** What `doorward trace` says of the reference on a page, or of the last login to an application. */
function trace({ page, app }) {
  const run = (...words) => JSON.parse(execFileSync(doorward, ['--data', data, '--json', 'trace', ...words], { encoding: 'utf8' }));
  if (page) return run(page.html.match(/<p class="reference">.*?<code>(.*?)<\/code>/s)[1]);
  const latest = run('--app', app).items.reduce((one, other) => (Date.parse(other.updated) > Date.parse(one.updated) ? other : one));
  return run(latest.reference);
}

/** The check that refused. */
const culprit = (found) => found.steps.findLast((step) => step.outcome === 'refused')?.check;

/** Discovery and configuration of one of the applications. */
async function configured(id, method = 'basic', metadata = {}, server = issuer) {
  const app = { ...apps[id] };
  if (app.privateJwk) {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
    app.key = await crypto.subtle.importKey('jwk', app.privateJwk, algorithm, false, ['sign']);
  }
  return oidc.discovery(new URL(server), id, metadata, methods[method](app), insecure);
}

/** From the authorization URL to tokens, with PKCE, state and nonce, as the library's documentation has it. */
async function logIn(config, { browser = new Browser(redirectUri), parameters = {}, checks = {} } = {}) {
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const nonce = oidc.randomNonce();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid profile email',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...parameters,
  });
  const page = await browser.logIn(url, person);
  assert.ok(page.url.href.startsWith(redirectUri), `${page.url} (${page.status}): ${page.html}`);
  const tokens = await oidc.authorizationCodeGrant(config, page.url, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
    ...checks,
  });
  return { tokens, claims: tokens.claims(), browser, page };
}

/** What the library throws when the server refuses. */
const refused = (error) => (thrown) => {
  assert.equal(thrown.error, error, `${thrown}: ${JSON.stringify(thrown.cause ?? null)}`);
  return true;
};

test('discovery says what the server can do', async () => {
  const metadata = (await configured('basic')).serverMetadata();
  assert.equal(metadata.issuer, issuer);
  assert.equal(metadata.authorization_response_iss_parameter_supported, true);
  assert.ok(metadata.supportsPKCE());
  for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA']) {
    assert.ok(metadata.id_token_signing_alg_values_supported.includes(alg), alg);
  }
  for (const method of ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none']) {
    assert.ok(metadata.token_endpoint_auth_methods_supported.includes(method), method);
  }
});

test('RFC 8414 metadata agrees with OpenID Connect discovery', async () => {
  const config = await oidc.discovery(new URL(issuer), 'basic', {}, oidc.None(), { ...insecure, algorithm: 'oauth2' });
  assert.equal(config.serverMetadata().token_endpoint, (await configured('basic')).serverMetadata().token_endpoint);
});

for (const [id, method] of [['basic', 'basic'], ['basic', 'post'], ['public', 'none'], ['key', 'key']]) {
  test(`a login with ${method === 'key' ? 'private_key_jwt' : method} authentication`, async () => {
    const config = await configured(id, method);
    const { tokens, claims, page } = await logIn(config);
    assert.equal(claims.iss, issuer);
    assert.equal(claims.aud, id);
    assert.equal(page.url.searchParams.get('iss'), issuer, 'RFC 9207');
    assert.equal(tokens.token_type, 'bearer');
    assert.deepEqual(new Set(tokens.scope.split(' ')), new Set(['openid', 'profile', 'email']));
    const user = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
    assert.equal(user.preferred_username, 'alice');
    assert.equal(user.name, 'Alice Archer');
    assert.equal(user.email, 'alice@example.com');
    assert.equal(user.email_verified, true);
  });
}

test('a secret is refused where a key is registered, and a wrong one anywhere', async () => {
  const downgraded = await oidc.discovery(new URL(issuer), 'key', {}, oidc.ClientSecretPost('no secret'), insecure);
  await assert.rejects(logIn(downgraded), refused('invalid_client'));
  const wrong = await oidc.discovery(new URL(issuer), 'basic', {}, oidc.ClientSecretBasic('wrong'), insecure);
  await assert.rejects(logIn(wrong), (thrown) => {
    assert.equal(thrown.status ?? thrown.response?.status, 401, String(thrown));
    return true;
  });
  assert.equal(culprit(trace({ app: 'basic' })), 'client.secret');
});

for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA']) {
  test(`ID tokens signed with ${alg} verify`, async () => {
    const config = await configured(alg.toLowerCase(), 'basic', { id_token_signed_response_alg: alg });
    oidc.enableNonRepudiationChecks(config);
    const { tokens, claims } = await logIn(config);
    const header = JSON.parse(Buffer.from(tokens.id_token.split('.')[0], 'base64url'));
    assert.equal(header.alg, alg);
    assert.ok(header.kid);
    assert.equal(claims.aud, alg.toLowerCase());
  });
}

test('an application with an issuer of its own', async () => {
  const config = await configured('own', 'basic', {}, own);
  assert.equal(config.serverMetadata().issuer, own);
  const { claims, page } = await logIn(config);
  assert.equal(claims.iss, own);
  assert.equal(page.url.searchParams.get('iss'), own);
});

test('max_age and auth_time: a fresh login is not asked for again, an old one is', async () => {
  const config = await configured('basic');
  const first = await logIn(config, { parameters: { max_age: '300' }, checks: { maxAge: 300 } });
  assert.equal(typeof first.claims.auth_time, 'number');
  const second = await logIn(config, { browser: first.browser, parameters: { max_age: '300' }, checks: { maxAge: 300 } });
  assert.equal(second.claims.auth_time, first.claims.auth_time, 'the same session answered');
  await new Promise((done) => setTimeout(done, 2_100));
  const third = await logIn(config, { browser: first.browser, parameters: { max_age: '1' }, checks: { maxAge: 1 } });
  assert.ok(third.claims.auth_time > first.claims.auth_time, 'the password was asked for');
});

test('prompt: none without and with a session, login, consent, select_account', async () => {
  const config = await configured('asks');
  await assert.rejects(logIn(config, { parameters: { prompt: 'none' } }), refused('login_required'));
  const { browser, claims } = await logIn(config);
  const silent = await logIn(config, { browser, parameters: { prompt: 'none' } });
  assert.equal(silent.claims.sub, claims.sub);
  await new Promise((done) => setTimeout(done, 1_100));
  const again = await logIn(config, { browser, parameters: { prompt: 'login' } });
  assert.ok(again.claims.auth_time > claims.auth_time);
  const base = { redirect_uri: redirectUri, scope: 'openid', response_type: 'code' };
  const pkce = { code_challenge: await oidc.calculatePKCECodeChallenge(oidc.randomPKCECodeVerifier()), code_challenge_method: 'S256' };
  const asked = await browser.get(oidc.buildAuthorizationUrl(config, { ...base, ...pkce, prompt: 'consent' }));
  assert.equal(asked.url.pathname, '/consent');
  const denied = await browser.submit(asked, '/consent', { decision: 'deny' });
  assert.equal(denied.url.searchParams.get('error'), 'access_denied');
  assert.equal(denied.url.searchParams.get('iss'), issuer);
  const chooser = await browser.get(oidc.buildAuthorizationUrl(config, { ...base, ...pkce, prompt: 'select_account' }));
  assert.equal(chooser.url.pathname, '/login/account');
});

test('prompt=none where consent is missing says so', async () => {
  const { browser } = await logIn(await configured('basic'));
  await assert.rejects(logIn(await configured('unasked'), { browser, parameters: { prompt: 'none' } }), refused('consent_required'));
});

test('login_hint fills in the name', async () => {
  const config = await configured('basic');
  const verifier = oidc.randomPKCECodeVerifier();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    login_hint: 'alice',
  });
  const page = await new Browser(redirectUri).get(url);
  assert.equal(page.forms()[0].fields.username, 'alice');
});

test('the claims parameter puts a claim where it was asked for', async () => {
  const claims = JSON.stringify({ id_token: { email: null, acr: { values: ['urn:nothing'] } } });
  const { claims: received } = await logIn(await configured('basic'), { parameters: { claims } });
  assert.equal(received.email, 'alice@example.com');
  assert.deepEqual(received.amr, ['pwd']);
});

test('refresh rotates, a replay ends the family', async () => {
  const config = await configured('basic');
  const { tokens, claims } = await logIn(config, { parameters: { scope: 'openid offline_access', prompt: 'consent' } });
  assert.ok(tokens.refresh_token, 'offline_access was granted');
  const second = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  assert.notEqual(second.refresh_token, tokens.refresh_token);
  assert.equal(second.claims()?.sub ?? claims.sub, claims.sub);
  const third = await oidc.refreshTokenGrant(config, second.refresh_token);
  await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), refused('invalid_grant'));
  await assert.rejects(oidc.refreshTokenGrant(config, third.refresh_token), refused('invalid_grant'));
});

test('a lost answer to a refresh can be asked for again at once', async () => {
  const config = await configured('basic');
  const { tokens } = await logIn(config, { parameters: { scope: 'openid offline_access', prompt: 'consent' } });
  const lost = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  const again = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  assert.equal(again.refresh_token, lost.refresh_token);
  await oidc.refreshTokenGrant(config, again.refresh_token);
});

test('a refresh may narrow the scope, never widen it', async () => {
  const config = await configured('basic');
  const { tokens } = await logIn(config, { parameters: { scope: 'openid email offline_access', prompt: 'consent' } });
  const narrow = await oidc.refreshTokenGrant(config, tokens.refresh_token, { scope: 'openid' });
  assert.ok(!narrow.scope.split(' ').includes('email'));
  const greedy = await oidc.refreshTokenGrant(config, narrow.refresh_token, { scope: 'openid groups' });
  assert.ok(!greedy.scope.split(' ').includes('groups'), 'never granted, so not to be had by a refresh');
});

test('introspection and revocation', async () => {
  const config = await configured('basic');
  const { tokens, claims } = await logIn(config, { parameters: { scope: 'openid offline_access', prompt: 'consent' } });
  const access = await oidc.tokenIntrospection(config, tokens.access_token);
  assert.equal(access.active, true);
  assert.equal(access.sub, claims.sub);
  assert.equal(access.client_id, 'basic');
  const refresh = await oidc.tokenIntrospection(config, tokens.refresh_token, { token_type_hint: 'refresh_token' });
  assert.equal(refresh.active, true);
  const stranger = await oidc.tokenIntrospection(await configured('asks'), tokens.refresh_token);
  assert.deepEqual(stranger, { active: false }, 'another application learns nothing');
  await oidc.tokenRevocation(config, tokens.refresh_token);
  assert.deepEqual(await oidc.tokenIntrospection(config, tokens.access_token), { active: false });
  await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, claims.sub));
  await oidc.tokenRevocation(config, 'not a token of anybody');
});

test('client credentials', async () => {
  const config = await configured('robot');
  const tokens = await oidc.clientCredentialsGrant(config);
  assert.equal((await oidc.tokenIntrospection(config, tokens.access_token)).active, true);
  assert.equal(tokens.refresh_token, undefined);
  await assert.rejects(oidc.clientCredentialsGrant(await configured('basic')), refused('unauthorized_client'));
});

test('end session with the ID token as hint comes back with the state', async () => {
  const config = await configured('basic');
  const { tokens, browser } = await logIn(config);
  const url = oidc.buildEndSessionUrl(config, {
    id_token_hint: tokens.id_token,
    post_logout_redirect_uri: 'http://127.0.0.1:9/',
    state: 'logged out',
  });
  browser.stops = ['http://127.0.0.1:9/'];
  const page = await browser.get(url);
  assert.ok(page.url.href.startsWith('http://127.0.0.1:9/?'), `${page.url}: ${page.html}`);
  assert.equal(page.url.searchParams.get('state'), 'logged out');
  await assert.rejects(logIn(config, { browser, parameters: { prompt: 'none' } }), refused('login_required'));
});

test('end session without a hint asks first', async () => {
  const config = await configured('basic');
  const { browser } = await logIn(config);
  const page = await browser.get(oidc.buildEndSessionUrl(config));
  assert.match(page.html, /Log out\?/);
  const done = await browser.submit(page, '/logout', { decision: 'allow' });
  assert.match(done.html, /You are logged out/);
});

test('form_post brings the answer in a form', async () => {
  const config = await configured('basic');
  const verifier = oidc.randomPKCECodeVerifier();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid',
    response_mode: 'form_post',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: 'kept',
  });
  const browser = new Browser(redirectUri);
  const page = await browser.logIn(url, person);
  const sent = await browser.submit(page, '/callback', {});
  const request = new Request(redirectUri, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: sent.body,
  });
  const tokens = await oidc.authorizationCodeGrant(config, request, { pkceCodeVerifier: verifier, expectedState: 'kept' });
  assert.ok(tokens.claims().sub);
});

test('a code with another verifier is worth nothing, even with the right one afterwards', async () => {
  const config = await configured('basic');
  const verifier = oidc.randomPKCECodeVerifier();
  const browser = new Browser(redirectUri);
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const page = await browser.logIn(url, person);
  const other = { pkceCodeVerifier: oidc.randomPKCECodeVerifier(), idTokenExpected: true };
  await assert.rejects(oidc.authorizationCodeGrant(config, page.url, other), refused('invalid_grant'));
  await assert.rejects(oidc.authorizationCodeGrant(config, page.url, { pkceCodeVerifier: verifier }), refused('invalid_grant'));
});

test('PKCE is required, and a verifier without a challenge is refused', async () => {
  const browser = new Browser(redirectUri);
  const base = { redirect_uri: redirectUri, scope: 'openid' };
  const strict = await configured('basic');
  const page = await browser.logIn(oidc.buildAuthorizationUrl(strict, base), person);
  assert.equal(page.url.searchParams.get('error'), 'invalid_request');
  assert.match(page.url.searchParams.get('error_description'), /PKCE|code_challenge/);
  const lenient = await configured('lenient');
  const without = await browser.logIn(oidc.buildAuthorizationUrl(lenient, base), person);
  const tokens = await oidc.authorizationCodeGrant(lenient, without.url, { idTokenExpected: true });
  assert.ok(tokens.claims().sub);
  const injected = await browser.logIn(oidc.buildAuthorizationUrl(lenient, base), person);
  const verifier = { pkceCodeVerifier: oidc.randomPKCECodeVerifier() };
  await assert.rejects(oidc.authorizationCodeGrant(lenient, injected.url, verifier), refused('invalid_grant'));
});

test('an answer for somebody else does not pass the library: state, nonce and iss are told apart', async () => {
  const config = await configured('basic');
  const about = (word) => (thrown) => thrown.cause?.message.includes(`"${word}"`);
  await assert.rejects(logIn(config, { checks: { expectedState: 'another' } }), about('state'));
  await assert.rejects(logIn(config, { checks: { expectedNonce: 'another' } }), about('nonce'));
  const browser = new Browser(redirectUri);
  const page = await browser.logIn(oidc.buildAuthorizationUrl(await configured('lenient'), { redirect_uri: redirectUri, scope: 'openid' }), person);
  page.url.searchParams.set('iss', 'https://mallory.example');
  await assert.rejects(oidc.authorizationCodeGrant(await configured('lenient'), page.url), about('iss'));
});

test('a redirect URI with a slash too many is a page, and the trace shows where it differs', async () => {
  const config = await configured('basic');
  const url = oidc.buildAuthorizationUrl(config, { redirect_uri: `${redirectUri}/`, scope: 'openid', code_challenge: oidc.randomPKCECodeVerifier(), code_challenge_method: 'S256' });
  const page = await new Browser(redirectUri).get(url);
  assert.equal(page.status, 400);
  assert.match(page.html, /is not registered/);
  const found = trace({ page });
  assert.equal(culprit(found), 'authorize.redirect_uri');
  assert.match(found.conclusion.sentence, /an extra `\/`/);
});

test('a person without access reads which group is missing', async () => {
  const config = await configured('closed');
  const url = oidc.buildAuthorizationUrl(config, { redirect_uri: redirectUri, scope: 'openid', code_challenge: oidc.randomPKCECodeVerifier(), code_challenge_method: 'S256' });
  const page = await new Browser(redirectUri).logIn(url, person);
  assert.equal(page.status, 403);
  assert.match(page.html, /<code>board<\/code>/);
  assert.equal(culprit(trace({ page })), 'authorize.access');
});

test('an ID token of another algorithm than the agreed one does not pass the library', async () => {
  const config = await configured('es256', 'basic', { id_token_signed_response_alg: 'RS256' });
  await assert.rejects(logIn(config), (thrown) => /alg/.test(thrown.cause?.message));
  assert.equal(trace({ app: 'es256' }).outcome, 'ok', 'here it went well: what follows is in the log of the application');
});

test('an expired code is refused, and the trace says how long it was good', async () => {
  const config = await configured('late');
  const verifier = oidc.randomPKCECodeVerifier();
  const url = oidc.buildAuthorizationUrl(config, { redirect_uri: redirectUri, scope: 'openid', code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' });
  const page = await new Browser(redirectUri).logIn(url, person);
  await new Promise((done) => setTimeout(done, 10_500));
  await assert.rejects(oidc.authorizationCodeGrant(config, page.url, { pkceCodeVerifier: verifier }), refused('invalid_grant'));
  const found = trace({ app: 'late' });
  assert.equal(culprit(found), 'token.code');
  assert.match(found.conclusion.sentence, /10 s/);
});

test('a code sent twice ends what came from it', async () => {
  const config = await configured('basic');
  const verifier = oidc.randomPKCECodeVerifier();
  const url = oidc.buildAuthorizationUrl(config, { redirect_uri: redirectUri, scope: 'openid', code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' });
  const page = await new Browser(redirectUri).logIn(url, person);
  const tokens = await oidc.authorizationCodeGrant(config, page.url, { pkceCodeVerifier: verifier, idTokenExpected: true });
  await assert.rejects(oidc.authorizationCodeGrant(config, page.url, { pkceCodeVerifier: verifier }), refused('invalid_grant'));
  assert.deepEqual(await oidc.tokenIntrospection(config, tokens.access_token), { active: false });
  assert.equal(culprit(trace({ app: 'basic' })), 'token.code');
});

test('a clock five seconds off does no harm', async () => {
  for (const skew of [-5, 5]) {
    const config = await configured('basic');
    config[oidc.clockSkew] = skew;
    await logIn(config, { parameters: { max_age: '300' }, checks: { maxAge: 300 } });
  }
});

test('userinfo is signed when the application asks for that', async () => {
  const config = await configured('signed', 'basic', { userinfo_signed_response_alg: 'ES256' });
  oidc.enableNonRepudiationChecks(config);
  const { tokens, claims } = await logIn(config);
  const user = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
  assert.equal(user.email, 'alice@example.com');
});

test('a replayed client assertion is refused', async () => {
  let kept;
  const app = apps.key;
  const key = await crypto.subtle.importKey('jwk', app.privateJwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
  const method = oidc.PrivateKeyJwt({ key, kid: 'e2e' });
  const repeating = async (as, client, body, headers) => {
    await method(as, client, body, headers);
    kept ??= body.get('client_assertion');
    body.set('client_assertion', kept);
  };
  const config = await oidc.discovery(new URL(issuer), 'key', {}, repeating, insecure);
  await logIn(config);
  await assert.rejects(logIn(config), refused('invalid_client'));
});
