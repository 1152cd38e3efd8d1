"""Ceremonies that another implementation judges: written here, verified by py_webauthn, kept in vectors.json.

    python3 -m venv venv && venv/bin/pip install webauthn cbor2 && venv/bin/python make.py > vectors.json

Each entry says what py_webauthn said of it; the crate must say the same. Keys are made anew on each run.
"""

import base64
import datetime
import hashlib
import json
import os

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import NameOID, ObjectIdentifier
from webauthn import verify_authentication_response, verify_registration_response

RP_ID, ORIGIN = "sso.example.com", "https://sso.example.com"
AAGUID = bytes.fromhex("cb69481e8ff7403993ec0a2729a154a8")
UP, UV, BE, BS, AT = 1, 4, 8, 16, 64


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    def __init__(self, name):
        self.name = name
        if name == "ES256":
            self.private = ec.generate_private_key(ec.SECP256R1())
            numbers = self.private.public_key().public_numbers()
            self.alg = -7
            self.cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        elif name == "EdDSA":
            self.private = ed25519.Ed25519PrivateKey.generate()
            raw = self.private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            self.alg = -8
            self.cose = {1: 1, 3: -8, -1: 6, -2: raw}
        else:
            self.private = rsa.generate_private_key(65537, 2048)
            n = self.private.public_key().public_numbers().n
            self.alg = -257
            self.cose = {1: 3, 3: -257, -1: n.to_bytes(256, "big"), -2: b"\x01\x00\x01"}
        self.encoded = cbor2.dumps(self.cose)
        self.credential = os.urandom(32)

    def sign(self, message):
        if self.name == "ES256":
            return self.private.sign(message, ec.ECDSA(hashes.SHA256()))
        if self.name == "EdDSA":
            return self.private.sign(message)
        return self.private.sign(message, padding.PKCS1v15(), hashes.SHA256())


def client_data(kind, challenge, origin=ORIGIN, **more):
    return json.dumps({"type": kind, "challenge": b64(challenge), "origin": origin, "crossOrigin": False, **more}).encode()


def authenticator_data(flags, count, rp_id=RP_ID, key=None):
    data = hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + count.to_bytes(4, "big")
    if key:
        data += AAGUID + len(key.credential).to_bytes(2, "big") + key.credential + key.encoded
    return data


def certificate(key, unit="Authenticator Attestation", aaguid=AAGUID, is_ca=False):
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example Keys"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            x509.NameAttribute(NameOID.COMMON_NAME, "Example Key 1"),
        ]
    )
    start = datetime.datetime(2020, 1, 1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.private.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=36500))
        .add_extension(x509.BasicConstraints(is_ca, None), True)
        .add_extension(
            x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4"), b"\x04\x10" + aaguid), False
        )
    )
    algorithm = None if key.name == "EdDSA" else hashes.SHA256()
    return builder.sign(key.private, algorithm).public_bytes(serialization.Encoding.DER)


VECTORS = []


def keep(kind, name, expected, **fields):
    """`expected` is the crate's code, or None; py_webauthn must agree on whether."""
    case = {"kind": kind, "name": name, "refused_as": expected, "rp_id": RP_ID, "origin": ORIGIN, **fields}
    challenge = base64.urlsafe_b64decode(case["challenge"] + "==")
    required = case["user_verification"] == "required"
    try:
        if kind == "registration":
            said = verify_registration_response(
                credential=case["response"],
                expected_challenge=challenge,
                expected_rp_id=RP_ID,
                expected_origin=ORIGIN,
                require_user_verification=required,
            )
            assert b64(said.credential_public_key) == case["public_key"]
            assert said.sign_count == case["sign_count"]
        else:
            said = verify_authentication_response(
                credential=case["response"],
                expected_challenge=challenge,
                expected_rp_id=RP_ID,
                expected_origin=ORIGIN,
                credential_public_key=base64.urlsafe_b64decode(case["public_key"] + "=="),
                credential_current_sign_count=case["stored_sign_count"],
                require_user_verification=required,
            )
            assert said.new_sign_count == case["sign_count"]
        case["py_webauthn"] = "accepts"
    except AssertionError:
        raise
    except Exception as error:
        case["py_webauthn"] = f"refuses: {error}"
    agreed = (case["py_webauthn"] == "accepts") == (expected is None)
    assert agreed or case.get("stricter"), (name, case["py_webauthn"])
    VECTORS.append(case)


def registration(name, key, expected=None, *, flags=UP | UV | AT, count=0, statement="none", verification="required",
                 rp_id=RP_ID, kind="webauthn.create", origin=ORIGIN, tamper=None, stricter=None, other_challenge=False,
                 certificate_of=None, **more):
    challenge = os.urandom(32)
    said = client_data(kind, os.urandom(32) if other_challenge else challenge, origin, **more)
    data = authenticator_data(flags, count, rp_id, key)
    message = data + hashlib.sha256(said).digest()
    fmt, att = "none", {}
    if statement == "self":
        fmt, att = "packed", {"alg": key.alg, "sig": key.sign(message)}
    elif statement == "x5c":
        maker = Key("ES256")
        fmt, att = "packed", {"alg": -7, "sig": maker.sign(message), "x5c": [certificate(maker, **(certificate_of or {}))]}
    elif statement != "none":
        fmt, att = statement, {}
    if tamper == "sig":
        att["sig"] = att["sig"][:-1] + bytes([att["sig"][-1] ^ 1])
    elif tamper == "statement":
        att = {"sig": b"x"}
    response = {
        "id": b64(key.credential),
        "rawId": b64(key.credential),
        "type": "public-key",
        "authenticatorAttachment": "platform",
        "response": {
            "clientDataJSON": b64(said),
            "attestationObject": b64(cbor2.dumps({"fmt": fmt, "attStmt": att, "authData": data})),
            "transports": ["internal", "hybrid"],
        },
        "clientExtensionResults": {"credProps": {"rk": True}},
    }
    keep("registration", name, expected, challenge=b64(challenge), user_verification=verification, response=response,
         public_key=b64(key.encoded), sign_count=count, stricter=stricter)


def assertion(name, key, expected=None, *, flags=UP | UV, count=0, stored=0, verification="required", rp_id=RP_ID,
              kind="webauthn.get", origin=ORIGIN, tamper=None, stricter=None, other_challenge=False, signer=None, **more):
    challenge = os.urandom(32)
    said = client_data(kind, os.urandom(32) if other_challenge else challenge, origin, **more)
    data = authenticator_data(flags, count, rp_id)
    signature = (signer or key).sign(data + hashlib.sha256(said).digest())
    if tamper == "data":
        data = data[:-1] + bytes([data[-1] ^ 1])
        count ^= 1
    elif tamper == "client":
        said = said.replace(b'"crossOrigin": false', b'"crossOrigin":  false')
    elif tamper == "sig":
        signature = signature[:-1] + bytes([signature[-1] ^ 1])
    response = {
        "id": b64(key.credential),
        "rawId": b64(key.credential),
        "type": "public-key",
        "response": {
            "clientDataJSON": b64(said),
            "authenticatorData": b64(data),
            "signature": b64(signature),
            "userHandle": b64(b"a user of 16 byt"),
        },
        "clientExtensionResults": {},
    }
    keep("assertion", name, expected, challenge=b64(challenge), user_verification=verification, response=response,
         public_key=b64(key.encoded), stored_sign_count=stored, sign_count=count, stricter=stricter)


for algorithm in ["ES256", "EdDSA", "RS256"]:
    key = Key(algorithm)
    registration(f"{algorithm}, attestation none", key)
    registration(f"{algorithm}, packed by itself", key, statement="self", count=7)
    registration(f"{algorithm}, packed by itself, signature changed", key, "passkey_attestation", statement="self",
                 tamper="sig")
    registration(f"{algorithm}, packed by a certificate", key, statement="x5c")
    assertion(f"{algorithm}, does not count", key)
    assertion(f"{algorithm}, counted up", key, stored=4, count=5)
    assertion(f"{algorithm}, counter stands still", key, "passkey_counter_went_back", stored=5, count=5)
    assertion(f"{algorithm}, counter back to zero", key, "passkey_counter_went_back", stored=5, count=0)
    assertion(f"{algorithm}, counter went back", key, "passkey_counter_went_back", stored=5, count=4)
    assertion(f"{algorithm}, signature changed", key, "passkey_signature", tamper="sig")
    assertion(f"{algorithm}, authenticator data changed", key, "passkey_signature", tamper="data", count=8)
    assertion(f"{algorithm}, client data changed", key, "passkey_signature", tamper="client")
    assertion(f"{algorithm}, another key", key, "passkey_signature", signer=Key(algorithm))

key = Key("ES256")
registration("synced and backed up", key, flags=UP | UV | BE | BS | AT)
registration("backed up but not eligible", key, "passkey_backup_flags", flags=UP | UV | BS | AT)
registration("nobody present", key, "passkey_not_present", flags=UV | AT)
registration("not verified, preferred", key, flags=UP | AT, verification="preferred")
registration("not verified, required", key, "passkey_not_verified", flags=UP | AT)
registration("another origin", key, "passkey_wrong_origin", origin="https://sso.example.com.evil.example")
registration("another port", key, "passkey_wrong_origin", origin="https://sso.example.com:8443")
registration("origin without TLS", key, "passkey_wrong_origin", origin="http://sso.example.com")
registration("another relying party", key, "passkey_wrong_relying_party", rp_id="example.com")
registration("the answer to a login", key, "passkey_wrong_type", kind="webauthn.get")
registration("another challenge", key, "passkey_wrong_challenge", other_challenge=True)
registration("inside another page", key, "passkey_cross_origin", crossOrigin=True,
             stricter="py_webauthn leaves frames to the caller")
registration("inside another page, which is named", key, "passkey_cross_origin", topOrigin="https://evil.example",
             stricter="py_webauthn leaves frames to the caller")
registration("a statement beside the format none", key, "passkey_attestation", tamper="statement")
registration("a format that nobody knows", key, "passkey_attestation_format", statement="unheard-of")
registration("a certificate of another unit", key, "passkey_attestation", statement="x5c",
             certificate_of={"unit": "Accounting"}, stricter="py_webauthn does not read the certificate")
registration("a certificate that may issue others", key, "passkey_attestation", statement="x5c",
             certificate_of={"is_ca": True}, stricter="py_webauthn does not read the certificate")
registration("a certificate of another model", key, "passkey_attestation", statement="x5c",
             certificate_of={"aaguid": bytes(16)}, stricter="py_webauthn does not read the certificate")
registration("a member that is new", key, tomorrow="in the browser")
assertion("nobody present", key, "passkey_not_present", flags=UV)
assertion("not verified, preferred", key, flags=UP, verification="preferred")
assertion("not verified, required", key, "passkey_not_verified", flags=UP)
assertion("another origin", key, "passkey_wrong_origin", origin="https://evil.example")
assertion("another relying party", key, "passkey_wrong_relying_party", rp_id="evil.example")
assertion("the answer to a registration", key, "passkey_wrong_type", kind="webauthn.create")
assertion("another challenge", key, "passkey_wrong_challenge", other_challenge=True)
assertion("inside another page", key, "passkey_cross_origin", crossOrigin=True,
          stricter="py_webauthn leaves frames to the caller")

print(json.dumps(VECTORS, indent=1))
