// Authorization requests of npm openid-client v6 in every form beside plain parameters, against the server, unmodified.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import * as oidc from 'openid-client';
import { configured, culprit, finish, insecure, issuer, key, parameters, payload, person, redirectUri, refused, refusedWith, run, strangers } from './application.mjs';
import { Browser } from './browser.mjs';

test('discovery names what is served', async () => {
  const metadata = (await configured('pushes')).serverMetadata();
  assert.equal(metadata.pushed_authorization_request_endpoint, `${issuer}/par`);
  assert.equal(metadata.request_parameter_supported, true);
  assert.equal(metadata.require_request_uri_registration, true);
  assert.ok(metadata.response_modes_supported.includes('form_post.jwt'));
  assert.ok(metadata.authorization_signing_alg_values_supported.includes('ES256'));
  assert.deepEqual(metadata.authorization_details_types_supported, ['payment_initiation']);
});

test('a pushed request is a login, and no other is where pushing is demanded', async () => {
  const config = await configured('pushes');
  const { sent, kept } = await parameters();
  const url = await oidc.buildAuthorizationUrlWithPAR(config, sent);
  assert.deepEqual([...url.searchParams.keys()].sort(), ['client_id', 'request_uri']);
  const { claims } = await finish(config, url, kept);
  assert.equal(claims.aud, 'pushes');
  const plain = await new Browser(redirectUri).get(oidc.buildAuthorizationUrl(config, sent));
  assert.equal(refusedWith(plain), 'invalid_request');
  assert.equal(culprit('pushes'), 'authorize.protection');
});

test('a pushed request can be presented again until it is answered, and then no more', async () => {
  const config = await configured('pushes');
  const { sent, kept } = await parameters();
  const url = await oidc.buildAuthorizationUrlWithPAR(config, sent);
  const browser = new Browser(redirectUri);
  assert.equal((await browser.get(url)).url.pathname, '/login', 'the page is reloaded before anybody logs in');
  assert.equal((await browser.get(url)).url.pathname, '/login');
  await finish(config, url, kept, { browser });
  const again = await browser.get(url);
  assert.match(again.html, /expired or was used/);
});

test('of two tabs with one pushed request, one is answered', async () => {
  const config = await configured('pushes');
  const { sent, kept } = await parameters();
  const url = await oidc.buildAuthorizationUrlWithPAR(config, sent);
  const browser = new Browser(redirectUri);
  const tab = await browser.get(url);
  await finish(config, url, kept, { browser });
  const late = await browser.submit(tab, '/login', { username: person.name, password: person.password });
  assert.equal(refusedWith(late), 'invalid_request_uri');
});

test('a pushed request belongs to the application that pushed it', async () => {
  const { sent } = await parameters();
  const url = await oidc.buildAuthorizationUrlWithPAR(await configured('pushes'), sent);
  url.searchParams.set('client_id', 'plain');
  const page = await new Browser(redirectUri).get(url);
  assert.ok(!page.url.href.startsWith(redirectUri), 'nothing of it is believed');
  assert.match(page.html, /expired or was used/);
});

test('a push with what cannot be is refused at once, and without a proof', async () => {
  const config = await configured('pushes');
  const { sent } = await parameters();
  await assert.rejects(oidc.buildAuthorizationUrlWithPAR(config, { ...sent, redirect_uri: 'https://evil.example/' }), refused('invalid_request'));
  await assert.rejects(oidc.buildAuthorizationUrlWithPAR(config, { ...sent, response_type: 'token' }), refused('unsupported_response_type'));
  const wrong = await oidc.discovery(new URL(issuer), 'pushes', {}, oidc.ClientSecretPost('wrong'), insecure);
  await assert.rejects(oidc.buildAuthorizationUrlWithPAR(wrong, sent), refused('invalid_client'));
});

test('a signed request is a login; unsigned, by a stranger or plain it is none', async () => {
  const config = await configured('signs');
  const { sent, kept } = await parameters({ max_age: 300 });
  const url = await oidc.buildAuthorizationUrlWithJAR(config, sent, key);
  assert.deepEqual([...url.searchParams.keys()].sort(), ['client_id', 'request']);
  const { claims } = await finish(config, url, kept);
  assert.equal(claims.nonce, kept.nonce);
  assert.equal(typeof claims.auth_time, 'number', 'max_age came with the object');

  const forged = await oidc.buildAuthorizationUrlWithJAR(config, sent, strangers);
  forged.searchParams.set('redirect_uri', redirectUri);
  assert.equal(refusedWith(await new Browser(redirectUri).get(forged)), 'invalid_request_object');
  assert.equal(culprit('signs'), 'authorize.request_object');

  const unsigned = new URL(url);
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  unsigned.searchParams.set('request', `${none}.${url.searchParams.get('request').split('.')[1]}.`);
  unsigned.searchParams.set('redirect_uri', redirectUri);
  assert.equal(refusedWith(await new Browser(redirectUri).get(unsigned)), 'invalid_request_object');

  assert.equal(refusedWith(await new Browser(redirectUri).get(oidc.buildAuthorizationUrl(config, sent))), 'invalid_request');
});

test('what stands beside a signed request counts for nothing', async () => {
  const config = await configured('signs');
  const { sent, kept } = await parameters();
  const url = await oidc.buildAuthorizationUrlWithJAR(config, sent, key);
  url.searchParams.set('state', 'somebody else\'s');
  url.searchParams.set('scope', 'openid offline_access');
  const { page, tokens } = await finish(config, url, kept);
  assert.equal(page.url.searchParams.get('state'), kept.state);
  assert.ok(!tokens.scope.includes('offline_access'));
});

test('a request object of an application without keys is refused as not supported', async () => {
  const config = await configured('plain');
  const { sent } = await parameters();
  const url = await oidc.buildAuthorizationUrlWithJAR(config, sent, key);
  url.searchParams.set('redirect_uri', redirectUri);
  assert.equal(refusedWith(await new Browser(redirectUri).get(url)), 'request_not_supported');
});

test('a request object is fetched from a registered address and from no other', async () => {
  const config = await configured('signs');
  const { sent, kept } = await parameters();
  const object = (await oidc.buildAuthorizationUrlWithJAR(config, sent, key)).searchParams.get('request');
  let asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    if (request.url === '/elsewhere') return response.writeHead(302, { location: '/request.jwt' }).end();
    if (request.url === '/large') return response.end('x'.repeat(20_000));
    response.writeHead(200, { 'content-type': 'application/oauth-authz-req+jwt' }).end(object);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  const at = (path) => `http://127.0.0.1:${port}${path}`;
  run('app', 'edit', 'signs', '--add-request-uri', at('/request.jwt'), '--add-request-uri', at('/elsewhere'), '--add-request-uri', at('/large'));
  const url = (path) => {
    const url = new URL(`${issuer}/authorize`);
    url.search = new URLSearchParams({ client_id: 'signs', request_uri: at(path), redirect_uri: redirectUri });
    return url;
  };
  try {
    await finish(config, url('/request.jwt'), kept);
    assert.equal(refusedWith(await new Browser(redirectUri).get(url('/another'))), 'request_uri_not_supported');
    assert.ok(!asked.includes('/another'), 'an address that is not registered is not asked');
    assert.equal(refusedWith(await new Browser(redirectUri).get(url('/elsewhere'))), 'invalid_request_uri');
    assert.equal(refusedWith(await new Browser(redirectUri).get(url('/large'))), 'invalid_request_uri');
    assert.deepEqual(asked, ['/request.jwt', '/elsewhere', '/large'], 'no redirect was followed');
  } finally {
    server.close();
  }
  assert.equal(refusedWith(await new Browser(redirectUri).get(url('/request.jwt'))), 'invalid_request_uri', 'nobody answers');
});

for (const mode of ['query.jwt', 'form_post.jwt']) {
  test(`a signed answer by ${mode} passes the library`, async () => {
    const config = await configured('answered', { authorization_signed_response_alg: 'ES256', id_token_signed_response_alg: 'ES256' });
    oidc.useJwtResponseMode(config);
    const { sent, kept } = await parameters({ response_mode: mode });
    const url = oidc.buildAuthorizationUrl(config, sent);
    url.searchParams.set('response_mode', mode);
    const browser = new Browser(redirectUri);
    const page = await browser.logIn(url, person);
    let answer = page.url;
    if (mode === 'form_post.jwt') {
      const { body } = await browser.submit(page, '/callback', {});
      answer = new Request(redirectUri, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body });
      assert.deepEqual([...new URLSearchParams(body).keys()], ['response']);
    } else {
      assert.deepEqual([...answer.searchParams.keys()], ['response']);
    }
    const tokens = await oidc.authorizationCodeGrant(config, answer, { pkceCodeVerifier: kept.verifier, expectedState: kept.state, expectedNonce: kept.nonce });
    assert.equal(tokens.claims().aud, 'answered');
  });
}

test('an error comes signed too, and a plain answer is refused where a signed one is demanded', async () => {
  const config = await configured('answered');
  const { sent, kept } = await parameters({ prompt: 'none', response_mode: 'jwt' });
  const page = await new Browser(redirectUri).get(oidc.buildAuthorizationUrl(config, sent));
  const claims = payload(page.url.searchParams.get('response'));
  assert.equal(claims.error, 'login_required');
  assert.equal(claims.state, kept.state);
  assert.equal(claims.iss, issuer);
  assert.equal(claims.aud, 'answered');
  const plain = await new Browser(redirectUri).get(oidc.buildAuthorizationUrl(config, (await parameters()).sent));
  assert.equal(refusedWith(plain), 'invalid_request');
});

test('a resource that was granted is the audience of the token that names it', async () => {
  const [one, other] = ['https://one.example.com/api', 'https://other.example.com/'];
  const config = await configured('calls');
  const { sent, kept } = await parameters({ scope: 'openid offline_access', prompt: 'consent' });
  const url = oidc.buildAuthorizationUrl(config, sent);
  url.searchParams.append('resource', one);
  url.searchParams.append('resource', other);
  const { tokens, claims } = await finish(config, url, kept);
  assert.deepEqual(new Set([payload(tokens.access_token).aud].flat()), new Set(['calls', one, other]));
  await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);

  const narrow = await oidc.refreshTokenGrant(config, tokens.refresh_token, { resource: one });
  assert.equal(payload(narrow.access_token).aud, one);
  await assert.rejects(oidc.fetchUserInfo(config, narrow.access_token, claims.sub), 'a token for a resource server is good there alone');
  await assert.rejects(oidc.refreshTokenGrant(config, narrow.refresh_token, { resource: 'https://third.example.com/' }), refused('invalid_target'));
  const wide = await oidc.refreshTokenGrant(config, narrow.refresh_token);
  assert.equal([payload(wide.access_token).aud].flat().length, 3, 'what was narrowed once is not lost');

  const unknown = oidc.buildAuthorizationUrl(config, { ...sent, resource: 'https://third.example.com/' });
  assert.equal(refusedWith(await new Browser(redirectUri).get(unknown)), 'invalid_target');
});

test('an application names a resource for itself', async () => {
  const config = await configured('robot');
  const tokens = await oidc.clientCredentialsGrant(config, { resource: 'https://one.example.com/api' });
  assert.equal(payload(tokens.access_token).aud, 'https://one.example.com/api');
  await assert.rejects(oidc.clientCredentialsGrant(config, { resource: 'https://third.example.com/' }), refused('invalid_target'));
});

test('a resource server asks for a fresher login and gets it (RFC 9470)', async () => {
  const resource = 'http://127.0.0.1:9';
  const watch = await configured('robot');
  // It knows itself by its address, and lets in whoever logged in within the last second.
  const server = createServer(async (request, response) => {
    const token = await oidc.tokenIntrospection(watch, request.headers.authorization?.replace(/^Bearer /i, '') ?? '');
    const isFresh = token.active && Date.now() / 1000 - token.auth_time < 3.5;
    if (isFresh) return response.end(JSON.stringify({ sub: token.sub, acr: token.acr }));
    const challenge = 'Bearer error="insufficient_user_authentication", max_age="1", acr_values="https://refeds.org/profile/sfa"';
    response.writeHead(401, { 'www-authenticate': challenge }).end();
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const api = new URL(`http://127.0.0.1:${server.address().port}/`);
  try {
    const config = await configured('calls');
    const ask = async (more, browser) => {
      const { sent, kept } = await parameters({ scope: 'openid', resource, ...more });
      return finish(config, oidc.buildAuthorizationUrl(config, sent), kept, { browser, token: { resource } });
    };
    const first = await ask({});
    assert.equal(payload(first.tokens.access_token).aud, resource);
    assert.equal(typeof payload(first.tokens.access_token).auth_time, 'number');
    await new Promise((done) => setTimeout(done, 3_000));
    const challenged = await oidc.fetchProtectedResource(config, first.tokens.access_token, api, 'GET').catch((thrown) => thrown);
    const [{ parameters: wanted }] = challenged.cause;
    assert.equal(wanted.error, 'insufficient_user_authentication');
    const again = await ask({ max_age: wanted.max_age, acr_values: wanted.acr_values }, first.browser);
    assert.ok(again.claims.auth_time > first.claims.auth_time, 'the password was asked for');
    const told = await (await oidc.fetchProtectedResource(config, again.tokens.access_token, api, 'GET')).json();
    assert.equal(told.acr, wanted.acr_values);
  } finally {
    server.close();
  }
});

const payment = { type: 'payment_initiation', instructedAmount: { currency: 'EUR', amount: '123.50' }, creditorName: 'Harbour <b>Office</b>' };

test('authorization details are shown, approved each time, and carried into token and introspection', async () => {
  const config = await configured('pays');
  const details = JSON.stringify([payment, { ...payment, creditorName: 'Second' }]);
  const { sent, kept } = await parameters({ authorization_details: details, scope: 'openid offline_access' });
  const browser = new Browser(redirectUri);
  const login = await browser.get(oidc.buildAuthorizationUrl(config, sent));
  const asked = await browser.submit(login, '/login', { username: person.name, password: person.password });
  assert.equal(asked.url.pathname, '/consent', 'though the application skips consent');
  assert.match(asked.html, /payment_initiation/);
  assert.match(asked.html, /123\.50/);
  assert.ok(!asked.html.includes('<b>Office'), 'what an application writes is text');
  const page = await browser.submit(asked, '/consent', { decision: 'allow' });
  const tokens = await oidc.authorizationCodeGrant(config, page.url, { pkceCodeVerifier: kept.verifier, expectedState: kept.state, expectedNonce: kept.nonce });
  assert.deepEqual(tokens.authorization_details[0], payment);
  assert.equal(tokens.authorization_details.length, 2);
  assert.deepEqual(payload(tokens.access_token).authorization_details[0], payment);
  const introspected = await oidc.tokenIntrospection(config, tokens.access_token);
  assert.deepEqual(introspected.authorization_details, tokens.authorization_details);

  const less = await oidc.refreshTokenGrant(config, tokens.refresh_token, { authorization_details: JSON.stringify([payment]) });
  assert.deepEqual(less.authorization_details, [payment]);
  const dearer = JSON.stringify([{ ...payment, instructedAmount: { currency: 'EUR', amount: '9999' } }]);
  await assert.rejects(oidc.refreshTokenGrant(config, less.refresh_token, { authorization_details: dearer }), refused('invalid_authorization_details'));

  const again = await browser.get(oidc.buildAuthorizationUrl(config, sent));
  assert.equal(again.url.pathname, '/consent', 'the next payment is asked for again');
  const denied = await browser.submit(again, '/consent', { decision: 'deny' });
  assert.equal(refusedWith(denied), 'access_denied');
  const silent = await browser.get(oidc.buildAuthorizationUrl(config, { ...sent, prompt: 'none' }));
  assert.equal(refusedWith(silent), 'consent_required');
  const other = await browser.get(oidc.buildAuthorizationUrl(config, { ...sent, authorization_details: '[{"type":"account_access"}]' }));
  assert.equal(refusedWith(other), 'invalid_authorization_details');
});

test('everything at once: pushed, signed, answered with a signature', async () => {
  const config = await configured('strict', { id_token_signed_response_alg: 'PS256', authorization_signed_response_alg: 'PS256' });
  oidc.useJwtResponseMode(config);
  const { sent, kept } = await parameters();
  const signed = await oidc.buildAuthorizationUrlWithJAR(config, { ...sent, response_mode: 'jwt' }, key);
  const url = await oidc.buildAuthorizationUrlWithPAR(config, signed.searchParams);
  const { claims, page } = await finish(config, url, kept, { options: { DPoP: oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256')) } });
  assert.deepEqual([...page.url.searchParams.keys()], ['response']);
  assert.equal(claims.aud, 'strict');
  await assert.rejects(oidc.buildAuthorizationUrlWithPAR(config, { ...sent, response_mode: 'jwt' }), refused('invalid_request'), 'pushed and not signed');
});

/** A server with a key set that changes, and what it was asked. */
async function publishing(first) {
  const published = { keys: [first.jwk], asked: 0 };
  const server = createServer((request, response) => {
    published.asked += 1;
    if (request.url === '/moved') return response.writeHead(302, { location: '/jwks.json' }).end();
    if (request.url === '/large') return response.end(JSON.stringify({ keys: published.keys, more: 'x'.repeat(70_000) }));
    if (request.url === '/empty') return response.end('{"keys":[]}');
    response.setHeader('content-type', 'application/jwk-set+json').end(JSON.stringify({ keys: published.keys }));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const at = (path) => `http://127.0.0.1:${server.address().port}${path}`;
  return { published, at, close: () => server.close() };
}

async function pair(kid) {
  const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
  return { key: { key: privateKey, kid }, jwk: { ...(await crypto.subtle.exportKey('jwk', publicKey)), kid, use: 'sig', key_ops: ['verify'] } };
}

test('keys at an address of the application are fetched once, again when they change, and never for strangers', async () => {
  const [one, two, other] = [await pair('one'), await pair('two'), await pair('one')];
  const { published, at, close } = await publishing(one);
  const by = ({ key }) => oidc.discovery(new URL(issuer), 'publishes', {}, oidc.PrivateKeyJwt(key), insecure);
  const grant = async (pair) => oidc.clientCredentialsGrant(await by(pair));
  try {
    run('app', 'edit', 'publishes', '--jwks-uri', at('/jwks.json'));
    assert.equal(run('app', 'show', 'publishes').keys.jwks_uri, at('/jwks.json'));
    await grant(one);
    await grant(one);
    assert.equal(published.asked, 1);
    await assert.rejects(grant(other), refused('invalid_client'), 'another key of the same name');
    assert.equal(published.asked, 1);

    published.keys = [two.jwk];
    await grant(two);
    assert.equal(published.asked, 2, 'for a key that was not known');
    await assert.rejects(grant(one), refused('invalid_client'), 'the old key has ended');
    for (const kid of ['three', 'four', 'five']) await assert.rejects(grant(await pair(kid)), refused('invalid_client'));
    assert.equal(published.asked, 2, 'whoever names keys has nobody asked again and again');

    const { sent, kept } = await parameters();
    const url = await oidc.buildAuthorizationUrlWithJAR(await by(two), sent, two.key);
    const { claims } = await finish(await by(two), url, kept);
    assert.equal(claims.aud, 'publishes');

    for (const path of ['/moved', '/large', '/empty']) {
      run('app', 'edit', 'publishes', '--jwks-uri', at(path));
      await assert.rejects(grant(two), refused('invalid_client'), path);
    }
    run('app', 'edit', 'publishes', '--jwks-uri', at('/jwks.json'));
  } finally {
    close();
  }
  await assert.rejects(grant(two), refused('invalid_client'), 'nobody answers there, and keys of another address count for nothing');
});
