"""What CMDBsyncer's licensed login does, with the libraries and the settings that it does it with.

The module itself runs with a licence only. Its settings are read as CMDBsyncer reads them: from local_config.py, of which the
working directory has one. The account, which CMDBsyncer keeps in its database, is in the environment. Source: its documentation of
OIDC login, and the settings that its open-source build knows.

`begin` says where the browser goes; `finish` takes where it came back to, and says who that is.
"""

import json
import os
import sys
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from joserfc import jwt
from joserfc.jwk import KeySet

sys.path.insert(0, os.getcwd())
from local_config import config  # noqa: E402

ACCOUNT = json.loads(os.environ["ACCOUNT"])
BACK = os.environ["APP_URL"] + "/oidc/callback"
STATE, NONCE = "a-state-of-one-test", "a-nonce-of-one-test"


def asked(method, url, **given):
    answer = requests.request(method, url, timeout=10, **given)
    if answer.status_code != 200:
        raise SystemExit(f"{answer.status_code} {answer.text}")
    return answer.json()


def provider():
    return asked("GET", ACCOUNT["Address"] + "/.well-known/openid-configuration")


def begin():
    scopes = config["OIDC_SCOPES"].split()
    parameters = {
        "response_type": "code",
        "client_id": ACCOUNT["Username"],
        "redirect_uri": BACK,
        "scope": " ".join(scopes),
        "state": STATE,
        "nonce": NONCE,
    }
    return {"url": provider()["authorization_endpoint"] + "?" + urlencode(parameters)}


def finish(url):
    answer = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert answer["state"] == STATE, answer
    found = provider()
    form = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": BACK,
        "client_id": ACCOUNT["Username"],
        "client_secret": ACCOUNT["Password"],
    }
    tokens = asked("POST", found["token_endpoint"], data=form)
    keys = KeySet.import_key_set(asked("GET", found["jwks_uri"]))
    claims = jwt.decode(tokens["id_token"], keys).claims
    essential = {"essential": True}
    jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": found["issuer"]},
        aud={"essential": True, "value": ACCOUNT["Username"]},
        exp=essential,
        iat=essential,
    ).validate(claims)
    assert claims["nonce"] == NONCE, claims
    bearer = {"Authorization": "Bearer " + tokens["access_token"]}
    claims = {**claims, **asked("GET", found["userinfo_endpoint"], headers=bearer)}
    groups = claims.get(config.get("OIDC_GROUPS_CLAIM", "groups")) or []
    return {
        "email": claims[config.get("OIDC_EMAIL_CLAIM", "email")].lower(),
        "name": claims[config.get("OIDC_NAME_CLAIM", "name")],
        "groups": groups,
        "global_admin": config["OIDC_ADMIN_GROUP"] in groups,
    }


print(json.dumps(begin() if sys.argv[1] == "begin" else finish(sys.argv[2])))
