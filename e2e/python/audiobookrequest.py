"""A stand-in for AudioBookRequest, which no package registry has: its flow as its source of 1.10.4 has it.

It checks its settings against discovery when they are saved; it sends neither nonce nor PKCE, proves itself in the form, does not look at
the ID token, and takes name and role from userinfo. The settings are what is typed into its form, in the environment.

`save` checks them; `begin` says where the browser goes; `finish` takes where it came back to, and says who that is; `logout` says where
its button leads; `serve` begins a login for whoever opens its login page.
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

SETTINGS = json.loads(os.environ["SETTINGS"])
BACK = os.environ["APP_URL"] + "/auth/oidc"
STATE = "a-state-of-one-test"
ROLES = ("admin", "trusted", "untrusted")


def asked(method, url, **given):
    answer = requests.request(method, url, timeout=10, **given)
    if answer.status_code != 200:
        raise SystemExit(f"{answer.status_code} {answer.text}")
    return answer.json()


def provider():
    return asked("GET", SETTINGS["Well-known configuration endpoint"])


def save():
    found = provider()
    for endpoint in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "end_session_endpoint"):
        if not found.get(endpoint):
            raise SystemExit(f"Missing OIDC endpoint: {endpoint}")
    missing = [scope for scope in SETTINGS["Scope"].split() if scope not in found.get("scopes_supported", [])]
    if missing:
        raise SystemExit(f"Scopes are not all supported by the provider: {missing}")
    claims = found.get("claims_supported", [])
    if not claims:
        raise SystemExit("Provider does not support or list claims")
    if SETTINGS["Username claim"] not in claims:
        raise SystemExit("Username claim is not supported by the provider")
    if SETTINGS["Group claim"] not in claims:
        raise SystemExit("Group claim is not supported by the provider")
    return {"saved": True}


def begin():
    parameters = {
        "response_type": "code",
        "client_id": SETTINGS["Client ID"],
        "redirect_uri": BACK,
        "scope": SETTINGS["Scope"],
        "state": STATE,
    }
    return {"url": provider()["authorization_endpoint"] + "?" + urlencode(parameters)}


def finish(url):
    answer = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert answer["state"] == STATE, answer
    found = provider()
    form = {
        "grant_type": "authorization_code",
        "client_id": SETTINGS["Client ID"],
        "client_secret": SETTINGS["Client secret"],
        "redirect_uri": BACK,
        "code": answer["code"],
    }
    tokens = asked("POST", found["token_endpoint"], data=form)
    bearer = {"Authorization": "Bearer " + tokens["access_token"]}
    claims = asked("GET", found["userinfo_endpoint"], headers=bearer)
    name = claims.get(SETTINGS["Username claim"])
    if not isinstance(name, str) or not name:
        raise SystemExit("Missing valid string username claim")
    said = claims.get(SETTINGS["Group claim"], [])
    said = [one.lower() for one in (said.split() if isinstance(said, str) else said)]
    role = next((role for role in ROLES if role in said), None)
    return {"name": name, "role": role, "seconds": tokens.get("expires_in")}


def logout():
    return {"url": provider()["end_session_endpoint"]}


class Pages(BaseHTTPRequestHandler):
    def do_GET(self):
        is_login = urlsplit(self.path).path == "/login"
        self.send_response(307 if is_login else 404)
        if is_login:
            self.send_header("Location", begin()["url"])
        self.send_header("Content-Length", "0")
        self.end_headers()


def serve():
    HTTPServer(("127.0.0.1", urlsplit(BACK).port), Pages).serve_forever()


print(json.dumps({"save": save, "begin": begin, "finish": finish, "logout": logout, "serve": serve}[sys.argv[1]](*sys.argv[2:])))
