// npm openid-client v6 and the grants that do not begin in the browser: device, CIBA, exchange, assertion, registration.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as oidc from 'openid-client';
import { Browser } from './browser.mjs';

const { issuer, apps, person, robot, initialAccessToken } = JSON.parse(process.env.E2E);
const insecure = { execute: [oidc.allowInsecureRequests] };
const redirectUri = 'http://127.0.0.1:9/front/callback';

const configured = async (id, authentication = oidc.ClientSecretBasic(apps[id].secret)) =>
  oidc.discovery(new URL(issuer), id, {}, authentication, insecure);

/** The person's browser, logged in. */
async function person_at(path) {
  const browser = new Browser(redirectUri);
  let page = await browser.get(`${issuer}${path}`);
  if (page.url.pathname === '/login') page = await browser.submit(page, '/login', { username: person.name, password: person.password });
  return { browser, page };
}

/** What the library throws when the server refuses. */
const refused = (error) => (thrown) => {
  assert.equal(thrown.error, error, `${thrown}: ${JSON.stringify(thrown.cause ?? null)}`);
  return true;
};

test('a device gets its tokens when the person has typed its code', async () => {
  const config = await configured('tv', oidc.None());
  const asked = await oidc.initiateDeviceAuthorization(config, { scope: 'openid profile offline_access' });
  assert.match(asked.user_code, /^[B-Z]{4}-[B-Z]{4}$/);
  const polling = oidc.pollDeviceAuthorizationGrant(config, asked);
  const { browser } = await person_at('/device');
  const question = await browser.get(`${asked.verification_uri}?user_code=${asked.user_code.toLowerCase()}`);
  assert.ok(question.html.includes(asked.user_code), question.html);
  const done = await browser.submit(question, '/asked/answer', { decision: 'allow' });
  assert.ok(done.html.includes('You are logged in there'), done.html);
  const tokens = await polling;
  assert.equal(tokens.claims().sub, (await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).sub);
  const again = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  assert.ok(again.access_token);
  await assert.rejects(oidc.pollDeviceAuthorizationGrant(config, { ...asked, interval: 1 }), refused('invalid_grant'));
});

test('a device learns that the person said no', async () => {
  const config = await configured('tv', oidc.None());
  const asked = await oidc.initiateDeviceAuthorization(config, { scope: 'openid' });
  const { browser, page } = await person_at(`/device?user_code=${asked.user_code}`);
  await browser.submit(page, '/asked/answer', { decision: 'deny' });
  await assert.rejects(oidc.pollDeviceAuthorizationGrant(config, { ...asked, interval: 1 }), refused('access_denied'));
});

test('an application asks a person who answers on the start page', async () => {
  const config = await configured('bank');
  const asked = await oidc.initiateBackchannelAuthentication(config, {
    scope: 'openid profile',
    login_hint: person.name,
    binding_message: 'Order 4711',
  });
  const polling = oidc.pollBackchannelAuthenticationGrant(config, asked);
  const { browser, page } = await person_at('/');
  assert.ok(page.html.includes('Order 4711'), page.html);
  const href = page.html.match(/href="(\/asked\?[^"]*)"/)[1];
  const question = await browser.get(`${issuer}${href}`);
  assert.ok(question.html.includes('Order 4711'));
  await browser.submit(question, '/asked/answer', { decision: 'allow' });
  const tokens = await polling;
  assert.equal(tokens.claims().aud, 'bank');
  const userinfo = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  assert.equal(userinfo.preferred_username, person.name);

  // Of an application that signs, signed requests alone.
  const key = await crypto.subtle.importKey('jwk', apps.signer.privateJwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
  const signer = await configured('signer', oidc.PrivateKeyJwt({ key, kid: 'e2e' }));
  await assert.rejects(
    oidc.initiateBackchannelAuthentication(signer, { scope: 'openid', login_hint: person.name }),
    refused('invalid_request'),
  );
});

test('a gateway exchanges the token of a person for one that names it as the one who acts', async () => {
  const browser = new Browser(redirectUri);
  const front = await configured('front');
  const verifier = oidc.randomPKCECodeVerifier();
  const url = oidc.buildAuthorizationUrl(front, {
    redirect_uri: redirectUri,
    scope: 'openid profile email',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const page = await browser.logIn(url, person);
  const login = await oidc.authorizationCodeGrant(front, page.url, { pkceCodeVerifier: verifier });
  const gateway = await configured('gateway');
  const exchange = (more) =>
    oidc.genericGrantRequest(gateway, 'urn:ietf:params:oauth:grant-type:token-exchange', {
      subject_token: login.access_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      audience: 'api',
      ...more,
    });
  const exchanged = await exchange({ scope: 'profile' });
  assert.equal(exchanged.issued_token_type, 'urn:ietf:params:oauth:token-type:access_token');
  const api = await configured('api');
  const seen = await oidc.tokenIntrospection(api, exchanged.access_token);
  assert.ok(seen.active);
  assert.deepEqual(seen.act, { sub: 'gateway' });
  assert.equal(seen.sub, login.claims().sub);
  assert.equal(seen.scope, 'profile');
  // It opens nothing here, covers nothing else, and ends with the grant.
  await assert.rejects(oidc.fetchUserInfo(gateway, exchanged.access_token, login.claims().sub));
  await assert.rejects(exchange({ audience: 'front' }), refused('invalid_target'));
  await assert.rejects(exchange({ subject_token: 'x.y.z' }), refused('invalid_request'));
  await oidc.tokenRevocation(front, login.access_token);
  await assert.rejects(exchange({}), refused('invalid_request'));
});

test('a token that is bound or narrowed is not exchanged into one that is neither', async () => {
  const [front, gateway] = [await configured('front'), await configured('gateway')];
  const files = 'https://files.example.com/';
  const logIn = async (more, parameters, options) => {
    const verifier = oidc.randomPKCECodeVerifier();
    const url = oidc.buildAuthorizationUrl(front, {
      redirect_uri: redirectUri,
      scope: 'openid profile',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...more,
    });
    const page = await new Browser(redirectUri).logIn(url, person);
    return oidc.authorizationCodeGrant(front, page.url, { pkceCodeVerifier: verifier }, parameters, options);
  };
  const exchange = (token, options) =>
    oidc.genericGrantRequest(
      gateway,
      'urn:ietf:params:oauth:grant-type:token-exchange',
      { subject_token: token, subject_token_type: 'urn:ietf:params:oauth:token-type:access_token', audience: 'api' },
      options,
    );
  const pair = await oidc.randomDPoPKeyPair('ES256');
  const bound = await logIn({}, undefined, { DPoP: oidc.getDPoPHandle(front, pair) });
  await assert.rejects(exchange(bound.access_token), refused('invalid_request'), 'whoever has the token alone');
  const another = oidc.getDPoPHandle(gateway, await oidc.randomDPoPKeyPair('ES256'));
  await assert.rejects(exchange(bound.access_token, { DPoP: another }), refused('invalid_request'), 'a key of its own');
  const same = await exchange(bound.access_token, { DPoP: oidc.getDPoPHandle(gateway, pair) });
  assert.equal(same.token_type.toLowerCase(), 'dpop');
  const narrow = await logIn({ resource: files }, { resource: files });
  await assert.rejects(exchange(narrow.access_token), refused('invalid_request'), 'a token for another server');
});

const p256 = { name: 'ECDSA', namedCurve: 'P-256' };
const b64 = (value) => Buffer.from(value).toString('base64url');

/** A token of these claims. */
async function signed(key, header, claims) {
  const text = `${b64(JSON.stringify(header))}.${b64(JSON.stringify(claims))}`;
  return `${text}.${b64(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, Buffer.from(text)))}`;
}

const now = () => Math.floor(Date.now() / 1000);
const robotKey = await crypto.subtle.importKey('jwk', robot.privateJwk, p256, false, ['sign']);
const assertion = (more = {}) =>
  signed(robotKey, { alg: 'ES256', kid: 'e2e' }, { iss: robot.name, sub: robot.name, aud: issuer, exp: now() + 60, jti: crypto.randomUUID(), ...more });

test('a service account signs for its token', async () => {
  const config = await configured('api');
  const redeem = (text) =>
    oidc.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:jwt-bearer', { assertion: text, scope: 'profile' });
  const once = await assertion();
  const tokens = await redeem(once);
  const seen = await oidc.tokenIntrospection(config, tokens.access_token);
  assert.equal(seen.username, robot.name);
  await assert.rejects(redeem(once), refused('invalid_grant'));
  await assert.rejects(redeem(await assertion({ sub: person.name })), refused('invalid_grant'));
  await assert.rejects(redeem(await assertion({ aud: 'https://elsewhere.example' })), refused('invalid_grant'));
});

test('a proof of a key counts once with every grant, and a used one spends nothing', async () => {
  const pair = await crypto.subtle.generateKey(p256, true, ['sign']);
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey);
  const proof = () =>
    signed(pair.privateKey, { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } }, { jti: crypto.randomUUID(), iat: now(), htm: 'POST', htu: `${issuer}/token` });
  const post = async (form, dpop) =>
    (await fetch(`${issuer}/token`, { method: 'POST', headers: { dpop }, body: new URLSearchParams(form) })).json();
  const countsOnce = async (form, next) => {
    const used = await proof();
    const first = await post(form, used);
    assert.equal(first.token_type, 'DPoP', JSON.stringify(first));
    const replayed = await post(next, used);
    assert.equal(replayed.error, 'invalid_dpop_proof', JSON.stringify(replayed));
    const again = await post(next, await proof());
    assert.equal(again.token_type, 'DPoP', JSON.stringify(again));
    return first;
  };
  const tv = await configured('tv', oidc.None());
  const { browser } = await person_at('/device');
  const device = async () => {
    const asked = await oidc.initiateDeviceAuthorization(tv, { scope: 'openid profile' });
    await browser.submit(await browser.get(asked.verification_uri_complete), '/asked/answer', { decision: 'allow' });
    return { client_id: 'tv', grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: asked.device_code };
  };
  await countsOnce(await device(), await device());
  const api = { client_id: 'api', client_secret: apps.api.secret, grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' };
  const { access_token: token } = await countsOnce({ ...api, assertion: await assertion() }, { ...api, assertion: await assertion() });
  // The token of a service account is none of those that the gateway may exchange.
  const front = await configured('front');
  const verifier = oidc.randomPKCECodeVerifier();
  const url = oidc.buildAuthorizationUrl(front, {
    redirect_uri: redirectUri,
    scope: 'openid profile',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const page = await new Browser(redirectUri).logIn(url, person);
  const login = await oidc.authorizationCodeGrant(front, page.url, { pkceCodeVerifier: verifier });
  const exchange = {
    client_id: 'gateway',
    client_secret: apps.gateway.secret,
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    audience: 'api',
  };
  assert.equal((await post({ ...exchange, subject_token: token }, await proof())).error, 'invalid_target');
  const covered = { ...exchange, subject_token: login.access_token };
  await countsOnce(covered, covered);
});

test('an application registers itself, logs a person in, and manages what it registered', async () => {
  const metadata = {
    client_name: 'A tool of mine',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    id_token_signed_response_alg: 'ES256',
    contacts: ['me@example.com'],
    unknown_to_us: true,
  };
  const registering = (token, more = {}) =>
    oidc.dynamicClientRegistration(new URL(issuer), { ...metadata, ...more }, undefined, { ...insecure, initialAccessToken: token });
  // Nothing without a token, nothing with a wrong one, and what is not done here is said.
  for (const token of [undefined, 'dwi_wrong']) {
    await assert.rejects(registering(token), (thrown) => thrown.status === 401 || thrown.response?.status === 401 || /401/.test(`${thrown.cause?.status} ${thrown}`) || thrown.code === 'OAUTH_WWW_AUTHENTICATE_CHALLENGE');
  }
  for (const more of [{ jwks_uri: 'https://example.com/keys' }, { response_types: ['code id_token'] }, { grant_types: ['client_credentials'] }, { id_token_signed_response_alg: 'none' }]) {
    await assert.rejects(registering(initialAccessToken, more), refused('invalid_client_metadata'));
  }
  await assert.rejects(registering(initialAccessToken, { redirect_uris: ['http://evil.example/#x'] }), refused('invalid_redirect_uri'));
  const config = await registering(initialAccessToken);
  const client = config.clientMetadata();
  assert.equal(client.unknown_to_us, undefined);
  assert.equal(client.token_endpoint_auth_method, 'client_secret_basic');
  await assert.rejects(registering(initialAccessToken), 'the token was for one');

  const verifier = oidc.randomPKCECodeVerifier();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid profile groups',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const browser = new Browser(redirectUri);
  let page = await browser.get(url);
  page = await browser.submit(page, '/login', { username: person.name, password: person.password });
  assert.ok(page.html.includes('registered itself'), page.html);
  page = await browser.submit(page, '/consent', { decision: 'allow' });
  const tokens = await oidc.authorizationCodeGrant(config, page.url, { pkceCodeVerifier: verifier });
  assert.equal(tokens.scope, 'openid profile', 'groups are not for whoever asks');
  assert.ok(tokens.refresh_token);

  // RFC 7592.
  const manage = (method, body, token = client.registration_access_token) =>
    fetch(client.registration_client_uri, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
  const read = await (await manage('GET')).json();
  assert.equal(read.client_name, 'A tool of mine');
  assert.equal(read.client_secret, client.client_secret);
  assert.equal((await manage('GET', undefined, 'x'.repeat(64))).status, 401);
  const changed = await manage('PUT', { ...metadata, client_id: client.client_id, client_name: 'Another name' });
  assert.equal(changed.status, 200);
  assert.equal((await changed.json()).client_name, 'Another name');
  assert.equal((await manage('PUT', { ...metadata })).status, 400, 'its id has to be in it');
  assert.equal((await manage('PUT', { ...metadata, client_id: client.client_id, client_secret: 'chosen' })).status, 400);
  assert.equal((await manage('DELETE')).status, 204);
  assert.equal((await manage('GET')).status, 401);
  await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), refused('invalid_client'));
});
