// Tokens that are bound to keys: DPoP (RFC 9449) by npm openid-client v6, unmodified, and the attacks that it is against.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as oidc from 'openid-client';
import { Browser } from './browser.mjs';

const { issuer, apps, person } = JSON.parse(process.env.E2E);
const redirectUri = 'http://127.0.0.1:9/callback';
const insecure = { execute: [oidc.allowInsecureRequests] };

const configured = (id) => {
  const secret = apps[id].secret;
  return oidc.discovery(new URL(issuer), id, {}, secret ? oidc.ClientSecretBasic(secret) : oidc.None(), insecure);
};

/** A key of a client, as the library's documentation has it. */
async function key(config, alg = 'ES256') {
  const pair = await oidc.randomDPoPKeyPair(alg);
  return { pair, DPoP: oidc.getDPoPHandle(config, pair) };
}

/** The answer to an authorization request, and what redeems it. */
async function authorized(config, parameters = {}) {
  const verifier = oidc.randomPKCECodeVerifier();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid profile offline_access',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...parameters,
  });
  const page = await new Browser(redirectUri).logIn(url, person);
  assert.ok(page.url.searchParams.has('code'), `${page.url} (${page.status}): ${page.html}`);
  return { url: page.url, checks: { pkceCodeVerifier: verifier, idTokenExpected: true } };
}

async function logIn(config, options, parameters) {
  const { url, checks } = await authorized(config, parameters);
  return oidc.authorizationCodeGrant(config, url, checks, undefined, options);
}

const refused = (error) => (thrown) => {
  assert.equal(thrown.error, error, `${thrown}: ${JSON.stringify(thrown.cause ?? null)}`);
  return true;
};

/** A proof by hand, to be wrong on purpose. */
async function proof({ privateKey, publicKey }, claims, header = {}) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey);
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = encode({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y }, ...header });
  const body = encode({ jti: crypto.randomUUID(), iat: Math.floor(Date.now() / 1000), ...claims });
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, Buffer.from(`${head}.${body}`));
  return `${head}.${body}.${Buffer.from(signature).toString('base64url')}`;
}

const ath = async (token) => Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(token))).toString('base64url');

const thumbprint = async ({ publicKey }) => {
  const { crv, kty, x, y } = await crypto.subtle.exportKey('jwk', publicKey);
  const canonical = JSON.stringify({ crv, kty, x, y });
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(canonical))).toString('base64url');
};

async function userinfo(token, scheme, header) {
  const headers = { authorization: `${scheme} ${token}` };
  if (header) headers.dpop = header;
  const answer = await fetch(`${issuer}/userinfo`, { headers });
  return { status: answer.status, challenge: answer.headers.get('www-authenticate') ?? '', nonce: answer.headers.get('dpop-nonce') };
}

async function tokenRequest(form, header) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  if (header) headers.dpop = header;
  const answer = await fetch(`${issuer}/token`, { method: 'POST', headers, body: new URLSearchParams(form) });
  return { status: answer.status, nonce: answer.headers.get('dpop-nonce'), ...(await answer.json()) };
}

test('discovery names the algorithms of proofs', async () => {
  const metadata = (await configured('dpop')).serverMetadata();
  assert.deepEqual(metadata.dpop_signing_alg_values_supported, ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']);
});

async function wholeLogin(alg) {
  const config = await configured('dpop');
  const { DPoP } = await key(config, alg);
  const tokens = await logIn(config, { DPoP }, { dpop_jkt: await DPoP.calculateThumbprint() });
  assert.equal(tokens.token_type, 'dpop');
  const told = await oidc.tokenIntrospection(config, tokens.access_token);
  assert.equal(told.token_type, 'DPoP');
  assert.equal(told.cnf.jkt, await DPoP.calculateThumbprint());
  const user = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP });
  assert.equal(user.preferred_username, 'alice');
  const again = await oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
  assert.equal(again.token_type, 'dpop');
  await oidc.fetchUserInfo(config, again.access_token, tokens.claims().sub, { DPoP });
}

test('fapi2_security_profile_final_ensure_dpop_auth_code_binding_success', () => wholeLogin('ES256'));

for (const alg of ['PS256', 'RS256', 'EdDSA']) {
  test(`a login, userinfo and a refresh with a key for ${alg}`, () => wholeLogin(alg));
}

test('where nonces are demanded the library takes the one of the answer', async () => {
  const config = await configured('nonce');
  const { DPoP } = await key(config);
  const tokens = await logIn(config, { DPoP });
  assert.equal(tokens.token_type, 'dpop');
  await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP });
  await oidc.clientCredentialsGrant(config, undefined, { DPoP });
  const { pair } = await key(config);
  const basic = { grant_type: 'client_credentials', client_id: 'nonce', client_secret: apps.nonce.secret };
  const without = await tokenRequest(basic, await proof(pair, { htm: 'POST', htu: `${issuer}/token` }));
  assert.equal(without.status, 400);
  assert.equal(without.error, 'use_dpop_nonce');
  const invented = await tokenRequest(basic, await proof(pair, { htm: 'POST', htu: `${issuer}/token`, nonce: 'invented' }));
  assert.equal(invented.error, 'use_dpop_nonce');
  const right = await tokenRequest(basic, await proof(pair, { htm: 'POST', htu: `${issuer}/token`, nonce: without.nonce }));
  assert.equal(right.token_type, 'DPoP');
  const at = await proof(pair, { htm: 'GET', htu: `${issuer}/userinfo`, ath: await ath(tokens.access_token) });
  const resource = await userinfo(tokens.access_token, 'DPoP', at);
  assert.equal(resource.status, 401);
  assert.match(resource.challenge, /^DPoP error="use_dpop_nonce"/);
  assert.ok(resource.nonce);
});

test('an application that has to send proofs gets no token without one', async () => {
  const config = await configured('dpop');
  await assert.rejects(logIn(config), refused('invalid_dpop_proof'));
});

test('an application that may send proofs gets what it asks for', async () => {
  const config = await configured('free');
  const plain = await logIn(config);
  assert.equal(plain.token_type, 'bearer');
  await oidc.fetchUserInfo(config, plain.access_token, plain.claims().sub);
  const { DPoP } = await key(config);
  const bound = await logIn(config, { DPoP });
  assert.equal(bound.token_type, 'dpop');
  // It proves who it is with its secret, so that its refresh token may change its key.
  const other = await key(config);
  const again = await oidc.refreshTokenGrant(config, bound.refresh_token, undefined, { DPoP: other.DPoP });
  await oidc.fetchUserInfo(config, again.access_token, bound.claims().sub, { DPoP: other.DPoP });
  const unbound = await oidc.tokenIntrospection(config, plain.access_token);
  assert.equal(unbound.cnf, undefined);
});

test('a stolen token is worth nothing: not as Bearer, not with a key of the thief, not with an overheard proof', async () => {
  const config = await configured('dpop');
  const { pair, DPoP } = await key(config);
  const { access_token: token } = await logIn(config, { DPoP });
  const htu = `${issuer}/userinfo`;
  const right = { htm: 'GET', htu, ath: await ath(token) };
  const good = await proof(pair, right);
  assert.equal((await userinfo(token, 'DPoP', good)).status, 200);
  const replayed = await userinfo(token, 'DPoP', good);
  assert.equal(replayed.status, 401);
  assert.match(replayed.challenge, /invalid_dpop_proof.*used before/);
  assert.equal((await userinfo(token, 'Bearer')).status, 401);
  assert.equal((await userinfo(token, 'Bearer', await proof(pair, right))).status, 401, 'a downgrade');
  assert.equal((await userinfo(token, 'DPoP')).status, 401);
  const thief = await oidc.randomDPoPKeyPair('ES256');
  const stolen = await userinfo(token, 'DPoP', await proof(thief, right));
  assert.equal(stolen.status, 401);
  assert.match(stolen.challenge, /^DPoP error="invalid_token"/);
  for (const wrong of [{ htm: 'POST' }, { htu: `${issuer}/token` }, { ath: await ath('another') }, { ath: undefined }, { iat: 1 }]) {
    const answer = await userinfo(token, 'DPoP', await proof(pair, { ...right, ...wrong }));
    assert.equal(answer.status, 401, JSON.stringify(wrong));
    assert.match(answer.challenge, /invalid_dpop_proof/, JSON.stringify(wrong));
  }
  const forged = await userinfo(token, 'DPoP', await proof(thief, right, { jwk: await crypto.subtle.exportKey('jwk', pair.publicKey) }));
  assert.match(forged.challenge, /invalid_dpop_proof/);
  const plain = await logIn(await configured('free'));
  const mixed = await userinfo(plain.access_token, 'DPoP', await proof(pair, { ...right, ath: await ath(plain.access_token) }));
  assert.equal(mixed.status, 401, 'a token without a key under the scheme DPoP');
});

test('the refresh token of a public client is bound to its key, and a thief without it ends nothing', async () => {
  const config = await configured('spa');
  const { DPoP } = await key(config);
  const tokens = await logIn(config, { DPoP });
  const other = await key(config);
  await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP: other.DPoP }), refused('invalid_grant'));
  await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), refused('invalid_grant'));
  const again = await oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
  assert.equal(again.token_type, 'dpop');
  await assert.rejects(oidc.refreshTokenGrant(config, again.refresh_token, undefined, { DPoP: other.DPoP }), refused('invalid_grant'));
  await oidc.refreshTokenGrant(config, again.refresh_token, undefined, { DPoP });
});

test('the refresh token of a public client may stay the same, because nobody else has a use for it', async () => {
  const config = await configured('keeps');
  const { DPoP } = await key(config);
  const tokens = await logIn(config, { DPoP });
  const again = await oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
  assert.equal(again.refresh_token, tokens.refresh_token);
  const thief = await key(config);
  await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP: thief.DPoP }), refused('invalid_grant'));
  await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), refused('invalid_dpop_proof'));
  const both = await Promise.all([1, 2].map(() => oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP })));
  for (const { access_token: token } of both) await oidc.fetchUserInfo(config, token, tokens.claims().sub, { DPoP });
  await oidc.tokenRevocation(config, tokens.refresh_token);
  await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP }), refused('invalid_grant'), 'it ends like any other');
});

test('fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_jkt', async () => {
  const config = await configured('spa');
  const [mine, other] = [await key(config), await key(config)];
  const parameters = { dpop_jkt: await mine.DPoP.calculateThumbprint() };
  await assert.rejects(logIn(config, { DPoP: other.DPoP }, parameters), refused('invalid_grant'));
  await assert.rejects(logIn(config, undefined, parameters), refused('invalid_grant'), 'nor without any');
  const { url, checks } = await authorized(config, parameters);
  await assert.rejects(oidc.authorizationCodeGrant(config, url, checks, undefined, { DPoP: other.DPoP }), refused('invalid_grant'));
  await assert.rejects(oidc.authorizationCodeGrant(config, url, checks, undefined, { DPoP: mine.DPoP }), refused('invalid_grant'), 'and somebody else had it');
});

/** A pushed request with a proof beside it, and what redeems the code. */
async function pushed(config, DPoP, parameters = {}) {
  const verifier = oidc.randomPKCECodeVerifier();
  const url = await oidc.buildAuthorizationUrlWithPAR(config, {
    redirect_uri: redirectUri,
    scope: 'openid profile',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...parameters,
  }, { DPoP });
  const page = await new Browser(redirectUri).logIn(url, person);
  return { url: page.url, checks: { pkceCodeVerifier: verifier, idTokenExpected: true } };
}

test('fapi2_security_profile_final_ensure_dpopproof_at_par_endpoint_binding_success', async () => {
  const config = await configured('dpop');
  const { DPoP } = await key(config);
  const { url, checks } = await pushed(config, DPoP);
  const tokens = await oidc.authorizationCodeGrant(config, url, checks, undefined, { DPoP });
  assert.equal(tokens.token_type, 'dpop');
});

test('fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt', async () => {
  const config = await configured('dpop');
  const [mine, other] = [await key(config), await key(config)];
  const { url, checks } = await pushed(config, mine.DPoP);
  await assert.rejects(oidc.authorizationCodeGrant(config, url, checks, undefined, { DPoP: other.DPoP }), refused('invalid_grant'));
});

test('fapi2_security_profile_final_ensure_mismatched_dpop_jkt_fails', async () => {
  const config = await configured('dpop');
  const [mine, other] = [await key(config), await key(config)];
  const named = { dpop_jkt: await other.DPoP.calculateThumbprint() };
  await assert.rejects(pushed(config, mine.DPoP, named), refused('invalid_dpop_proof'));
});

test('what is no thumbprint is refused at once', async () => {
  const config = await configured('spa');
  const url = oidc.buildAuthorizationUrl(config, { redirect_uri: redirectUri, scope: 'openid', code_challenge: oidc.randomPKCECodeVerifier(), code_challenge_method: 'S256', dpop_jkt: 'mine' });
  const page = await new Browser(redirectUri).logIn(url, person);
  assert.equal(page.url.searchParams.get('error'), 'invalid_request');
});

test('fapi2_security_profile_final_dpop_negative_tests', async () => {
  const { pair } = await key(await configured('robot'));
  const form = { grant_type: 'client_credentials', client_id: 'robot', client_secret: apps.robot.secret };
  const right = { htm: 'POST', htu: `${issuer}/token` };
  const good = await proof(pair, right);
  const granted = await tokenRequest(form, good);
  assert.equal(granted.token_type, 'DPoP');
  const payload = JSON.parse(Buffer.from(granted.access_token.split('.')[1], 'base64url'));
  assert.deepEqual(payload.cnf, { jkt: await thumbprint(pair) });
  assert.equal((await tokenRequest(form, good)).error, 'invalid_dpop_proof', 'replayed');
  const day = 86_400;
  const now = Math.floor(Date.now() / 1000);
  for (const wrong of [
    { htm: 'GET' }, { htm: undefined }, { htu: `${issuer}/userinfo` }, { htu: undefined }, { jti: undefined },
    { iat: now - day }, { iat: now + day }, { iat: undefined }, { iat: 'now' },
  ]) {
    const answer = await tokenRequest(form, await proof(pair, { ...right, ...wrong }));
    assert.equal(answer.error, 'invalid_dpop_proof', JSON.stringify(wrong));
    assert.equal(answer.status, 400);
  }
  const privateJwk = await crypto.subtle.exportKey('jwk', (await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign'])).privateKey);
  for (const header of [{ typ: 'JWT' }, { alg: 'none' }, { alg: 'HS256' }, { jwk: undefined }, { jwk: privateJwk }]) {
    const answer = await tokenRequest(form, await proof(pair, right, header));
    assert.equal(answer.error, 'invalid_dpop_proof', JSON.stringify(header));
  }
  assert.equal((await tokenRequest(form, 'no proof')).error, 'invalid_dpop_proof');
  const twice = await tokenRequest(form, `${await proof(pair, right)}, ${await proof(pair, right)}`);
  assert.equal(twice.error, 'invalid_dpop_proof');
});

test('a proof beside what gives nothing is not used up, so that strangers leave no rows behind', async () => {
  const config = await configured('spa');
  const { pair, DPoP } = await key(config);
  const tokens = await logIn(config, { DPoP });
  const right = { htm: 'POST', htu: `${issuer}/token` };
  const nothing = `${tokens.refresh_token.slice(0, -8)}AAAAAAAA`;
  for (const form of [
    { grant_type: 'authorization_code', code: nothing, redirect_uri: redirectUri, code_verifier: oidc.randomPKCECodeVerifier() },
    { grant_type: 'refresh_token', refresh_token: nothing },
    { grant_type: 'client_credentials' },
  ]) {
    const one = await proof(pair, right);
    for (const time of ['first', 'second']) {
      const answer = await tokenRequest({ ...form, client_id: 'spa' }, one);
      assert.equal(answer.status, 400, `${form.grant_type}, ${time}`);
      assert.notEqual(answer.error, 'invalid_dpop_proof', `${form.grant_type}, ${time}`);
    }
  }
  await oidc.tokenRevocation(config, tokens.access_token);
  const over = await proof(pair, { htm: 'GET', htu: `${issuer}/userinfo`, ath: await ath(tokens.access_token) });
  for (const time of ['first', 'second']) assert.match((await userinfo(tokens.access_token, 'DPoP', over)).challenge, /invalid_token/, time);
});

test('two requests with one proof at once: one of them is answered', async () => {
  const { pair } = await key(await configured('robot'));
  const form = { grant_type: 'client_credentials', client_id: 'robot', client_secret: apps.robot.secret };
  const one = await proof(pair, { htm: 'POST', htu: `${issuer}/token` });
  const answers = await Promise.all(Array.from({ length: 8 }, () => tokenRequest(form, one)));
  assert.equal(answers.filter((answer) => answer.status === 200).length, 1);
});

test('the script of a named origin pushes its request and reads the answer, no other does', async () => {
  const mine = 'https://spa.example.com';
  const preflight = async (origin) => fetch(`${issuer}/par`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'dpop' },
  });
  const allowed = await preflight(mine);
  assert.equal(allowed.status, 204);
  assert.equal(allowed.headers.get('access-control-allow-origin'), mine);
  assert.match(allowed.headers.get('access-control-allow-headers'), /DPoP/);
  assert.equal((await preflight('https://evil.example')).headers.get('access-control-allow-origin'), null);
  const push = async (origin, more) => fetch(`${issuer}/par`, {
    method: 'POST',
    headers: { origin },
    body: new URLSearchParams({
      client_id: 'spa', response_type: 'code', redirect_uri: redirectUri, scope: 'openid',
      code_challenge: oidc.randomPKCECodeVerifier(), code_challenge_method: 'S256', ...more,
    }),
  });
  const pushed = await push(mine, {});
  assert.equal(pushed.status, 201);
  assert.equal(pushed.headers.get('access-control-allow-origin'), mine);
  const refusal = await push(mine, { response_type: 'token' });
  assert.equal(refusal.status, 400);
  assert.equal(refusal.headers.get('access-control-allow-origin'), mine, 'a refusal is read too');
  assert.equal((await push('https://evil.example', {})).headers.get('access-control-allow-origin'), null);
});

test('a proof at the endpoint of pushed requests counts once, together with the request that it came with', async () => {
  await configured('spa');
  const pair = await oidc.randomDPoPKeyPair('ES256', { extractable: true });
  const one = await proof(pair, { htm: 'POST', htu: `${issuer}/par` });
  const push = (more) => fetch(`${issuer}/par`, {
    method: 'POST',
    headers: { dpop: one },
    body: new URLSearchParams({
      client_id: 'spa', response_type: 'code', redirect_uri: redirectUri, scope: 'openid',
      code_challenge: oidc.randomPKCECodeVerifier(), code_challenge_method: 'S256', ...more,
    }),
  });
  assert.equal((await push({ response_type: 'token' })).status, 400, 'and the proof is not used up by what is refused');
  assert.equal((await push({})).status, 201);
  const again = await push({});
  assert.equal(again.status, 400);
  assert.equal((await again.json()).error, 'invalid_dpop_proof');
});
