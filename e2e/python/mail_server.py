"""A mail server that keeps what it gets: one file for each letter.

    python mail_server.py PORT FOLDER starttls|implicit|plain CERTIFICATE KEY [USER PASSWORD]

Addresses that begin with `unknown` are refused for good (550), those that begin with `later` for now (451).
"""

import asyncio
import json
import ssl
import sys
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

port, folder, security, certificate, key, *login = sys.argv[1:]
folder = Path(folder)


class Letters:
    count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("unknown"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("later"):
            return "451 4.3.0 not now"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        name = f"{self.count:03}"
        about = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None or security == "implicit",
            "user": getattr(session.auth_data, "login", b"").decode() if session.auth_data else None,
        }
        (folder / f"{name}.json").write_text(json.dumps(about))
        # Under its name when it is whole.
        (folder / f"{name}.part").write_bytes(envelope.original_content or envelope.content)
        (folder / f"{name}.part").rename(folder / f"{name}.eml")
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and [data.login.decode(), data.password.decode()] == login
    return AuthResult(success=right, handled=False, auth_data=data)


def context():
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate, key)
    return made


options = {}
if security == "starttls":
    options = {"tls_context": context(), "require_starttls": True}
if security == "implicit":
    options = {"ssl_context": context()}
if login:
    options |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": security == "starttls"}
Controller(Letters(), hostname="127.0.0.1", port=int(port), **options).start()
asyncio.new_event_loop().run_forever()
