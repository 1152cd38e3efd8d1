// Encrypted ID tokens and userinfo, signed introspection, and subjects of a sector, by npm openid-client v6, unmodified.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as oidc from 'openid-client';
import { Browser } from './browser.mjs';

const { issuer, apps, person } = JSON.parse(process.env.E2E);
const redirectUri = 'http://127.0.0.1:9/callback';
const insecure = { execute: [oidc.allowInsecureRequests] };

const importing = {
  RSA: { name: 'RSA-OAEP', hash: 'SHA-256' },
  EC: { name: 'ECDH', namedCurve: 'P-256' },
};

async function configured(id, metadata = {}) {
  const { secret, privateJwk } = apps[id];
  const config = await oidc.discovery(new URL(issuer), id, metadata, oidc.ClientSecretBasic(secret), insecure);
  oidc.enableNonRepudiationChecks(config);
  if (privateJwk) {
    const { kty, kid } = privateJwk;
    const key = await crypto.subtle.importKey('jwk', { ...privateJwk, alg: undefined, use: undefined, key_ops: undefined }, importing[kty], false, kty === 'RSA' ? ['decrypt'] : ['deriveBits']);
    oidc.enableDecryptingResponses(config, ['A128GCM', 'A256GCM'], kid ? { key, kid } : key);
  }
  return config;
}

async function logIn(config) {
  const verifier = oidc.randomPKCECodeVerifier();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid profile',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    nonce: 'n',
  });
  const page = await new Browser(redirectUri).logIn(url, person);
  const tokens = await oidc.authorizationCodeGrant(config, page.url, { pkceCodeVerifier: verifier, expectedNonce: 'n', idTokenExpected: true });
  return { tokens, claims: tokens.claims() };
}

const header = (token) => JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));

test('discovery says what can be encrypted and how', async () => {
  const metadata = (await configured('plain')).serverMetadata();
  for (const what of ['id_token', 'userinfo', 'introspection']) {
    assert.deepEqual(metadata[`${what}_encryption_alg_values_supported`], ['RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A256KW'], what);
    assert.deepEqual(metadata[`${what}_encryption_enc_values_supported`], ['A128GCM', 'A256GCM'], what);
  }
  assert.ok(metadata.introspection_signing_alg_values_supported.includes('ES256'));
  assert.deepEqual(metadata.subject_types_supported, ['public', 'pairwise']);
});

for (const [id, alg, enc] of [['rsa', 'RSA-OAEP-256', 'A256GCM'], ['ec', 'ECDH-ES', 'A128GCM'], ['wrapped', 'ECDH-ES+A256KW', 'A256GCM']]) {
  test(`an ID token, userinfo and introspection by ${alg} and ${enc} are read with the key, and signed inside`, async () => {
    const config = await configured(id, { introspection_signed_response_alg: 'ES256', userinfo_signed_response_alg: id === 'ec' ? undefined : 'ES256' });
    const seen = {};
    const received = config[oidc.customFetch] ?? fetch;
    config[oidc.customFetch] = async (url, options) => {
      const answer = await received(url, options);
      seen[new URL(url).pathname] = { type: answer.headers.get('content-type'), text: await answer.clone().text() };
      return answer;
    };
    const { tokens, claims } = await logIn(config);
    const sent = JSON.parse(seen['/token'].text).id_token;
    assert.equal(sent.split('.').length, 5, 'encrypted');
    assert.equal(header(sent).alg, alg);
    assert.equal(header(sent).enc, enc);
    assert.equal(header(sent).cty, 'JWT');
    assert.equal(claims.aud, id);
    assert.equal(claims.nonce, 'n');
    if (id !== 'ec') {
      const user = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
      assert.equal(user.preferred_username, 'alice');
      assert.equal(seen['/userinfo'].type, 'application/jwt');
      assert.equal(seen['/userinfo'].text.split('.').length, 5);
    }
    const told = await oidc.tokenIntrospection(config, tokens.access_token);
    assert.equal(told.active, true);
    assert.equal(told.username, 'alice');
    assert.equal(seen['/introspect'].type, 'application/token-introspection+jwt');
    assert.equal(seen['/introspect'].text.split('.').length, 5);
  });
}

test('a resource server that asks for it has the answer of introspection signed', async () => {
  const config = await configured('plain', { introspection_signed_response_alg: 'RS256' });
  const { tokens } = await logIn(config);
  const told = await oidc.tokenIntrospection(config, tokens.access_token);
  assert.equal(told.active, true);
  const unknown = await oidc.tokenIntrospection(config, 'nobodys');
  assert.deepEqual(unknown, { active: false });
  const unsigned = await oidc.tokenIntrospection(await configured('plain'), tokens.access_token);
  assert.equal(unsigned.active, true, 'JSON for whoever does not ask');
});

test('a signed answer is no access token', async () => {
  const { secret } = apps.plain;
  const { tokens } = await logIn(await configured('plain'));
  const headers = {
    accept: 'application/token-introspection+jwt',
    authorization: `Basic ${Buffer.from(`plain:${secret}`).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
  };
  const answer = await fetch(`${issuer}/introspect`, { method: 'POST', headers, body: new URLSearchParams({ token: tokens.access_token }) });
  const signed = await answer.text();
  assert.equal(header(signed).typ, 'token-introspection+jwt');
  const userinfo = await fetch(`${issuer}/userinfo`, { headers: { authorization: `Bearer ${signed}` } });
  assert.equal(userinfo.status, 401);
});

test('applications of one sector know a person by one subject, others by another, at every login', async () => {
  const subject = async (id) => {
    const config = await configured(id);
    const { tokens, claims } = await logIn(config);
    const user = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
    assert.equal(user.sub, claims.sub);
    const told = await oidc.tokenIntrospection(config, tokens.access_token);
    assert.equal(told.sub, claims.sub);
    return claims.sub;
  };
  const one = await subject('sector-a');
  assert.equal(await subject('sector-a'), one);
  assert.equal(await subject('sector-a-too'), one);
  const all = [one, await subject('sector-b'), await subject('plain')];
  assert.equal(new Set(all).size, 3);
  assert.match(one, /^[\w-]{43}$/);
});
