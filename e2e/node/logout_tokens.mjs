// Logout tokens as a relying party on npm `jose` verifies them (OpenID Connect Back-Channel Logout 1.0 §2.6).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';

const { issuer, jwks, tokens } = JSON.parse(process.env.E2E);
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const keys = createRemoteJWKSet(new URL(jwks));

for (const { token, audience, sid, sub } of tokens) {
  test(`a logout token for ${audience} holds`, async () => {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      typ: 'logout+jwt',
      requiredClaims: ['iat', 'exp', 'jti', 'events', 'sub', 'sid'],
      maxTokenAge: 120,
    });
    assert.deepEqual(payload.events, { [EVENT]: {} });
    assert.equal('nonce' in payload, false);
    assert.equal(payload.sid, sid);
    assert.equal(payload.sub, sub);
    assert.equal(decodeProtectedHeader(token).typ, 'logout+jwt');
  });
}
