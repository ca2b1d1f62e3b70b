"""A stand-in of the client's sign-in service: what it answers, as a function of its settings.

It speaks as much of the protocol as client 0.169.0 uses: the device code, the exchange of a code
for tokens, the revocation, and whose an access token is. Every token is made up.
"""

import json
import time
import urllib.parse

from support.clients.logins import base64url, claims, token

CODE = "made-up-code"
USER_CODE = "MADE-UP"
REFRESH_TOKEN = "made-up-refresh-token-of-the-new-login"
WHOAMI = "/api/accounts/v1/user-auth-credential/whoami"
DEVICE = "/api/accounts/deviceauth/"
MOVED = "ab.chatgpt.com"
JWKS = "/backend-api/wham/agent-identities/jwks"
AGENT = "/api/accounts/v1/agent/"
GRANT = "authorization_code"
WORKLOAD_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class SignInService:
    """What a service does with the requests of one sign-in.

    Settings: `workspace` of the login that it gives out (None for none), `whoami` for that of an
    access token or a workload, `jwks` for the keys by which agents' identities are signed,
    `moved_jwks` for those that another server than the vendor's publishes, `failing` for the answer to paths that end so, `alg` for how tokens are signed.
    """

    def __init__(self, settings):
        self.settings = settings
        self.asked = []
        """Method, path and grant of each request, in its order; the tokens that were revoked."""

    def answer(self, method, path, body, name=""):
        """Return status and document, or None for what is no part of signing in.

        Args:
            name: Of the server that was asked.
        """
        if name == MOVED and path == JWKS and "moved_jwks" in self.settings:
            return 200, self.settings["moved_jwks"]
        path = path.partition("?")[0]
        fields = _fields(body)
        found = self._answered(method, path, fields)
        if found is not None:
            what = fields.get("grant_type") or fields.get("token")
            self.asked.append(" ".join(part for part in (method, path, what) if part))
        return found

    def _answered(self, method, path, fields):
        for end, status in self.settings.get("failing", {}).items():
            if path.endswith(end):
                return status, {"error": "made up"}
        answers = {
            ("POST", f"{DEVICE}usercode"): self._user_code,
            ("POST", f"{DEVICE}token"): self._device_token,
            ("POST", "/oauth/token"): self._tokens,
            ("POST", "/oauth/revoke"): lambda _: (200, {}),
            ("GET", WHOAMI): self._whoami,
            ("GET", JWKS): self._jwks,
        }
        if method == "POST" and path.startswith(AGENT) and path.endswith("/task/register"):
            return 200, {"task_id": "made-up"}
        answer = answers.get((method, path))
        return answer and answer(fields)

    def _user_code(self, _):
        return 200, {"device_auth_id": "made-up", "user_code": USER_CODE, "interval": "1"}

    def _device_token(self, _):
        if self.settings.get("patience"):
            return 403, {}
        proof = {"code_challenge": "made-up", "code_verifier": "made-up"}
        return 200, {"authorization_code": CODE, **proof}

    def _tokens(self, fields):
        if fields.get("grant_type") == WORKLOAD_GRANT:
            workspace = self.settings.get("whoami", "ws-a")
            return 200, {
                "access_token": token(claims(workspace, iat=int(time.time()))),
                "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
                "token_type": "Bearer",
                "scope": "made-up",
                "expires_in": 3600,
                "user_id": "user-1",
                "chatgpt_account_id": workspace,
                "chatgpt_account_user_id": f"user-1__{workspace}",
            }
        if fields.get("grant_type") != GRANT:
            return 400, {"error": "unsupported_grant_type"}
        if fields.get("code") != CODE:
            return 400, {"error": "invalid_grant"}
        return 200, {
            "id_token": self._token(),
            "access_token": self._token(),
            "refresh_token": REFRESH_TOKEN,
        }

    def _token(self):
        head = base64url({"alg": self.settings.get("alg", "none"), "typ": "JWT"})
        return token(claims(self.settings.get("workspace", "ws-a"), iat=int(time.time())), head)

    def _jwks(self, _):
        return 200, self.settings.get("jwks", {"keys": []})

    def _whoami(self, _):
        return 200, {
            "email": "a@example.com",
            "chatgpt_user_id": "user-1",
            "chatgpt_account_id": self.settings.get("whoami", "ws-a"),
            "chatgpt_plan_type": "pro",
            "chatgpt_account_is_fedramp": False,
        }


def _fields(body):
    text = body.decode(errors="replace")
    try:
        found = json.loads(text)
    except ValueError:
        found = dict(urllib.parse.parse_qsl(text))
    return found if isinstance(found, dict) else {}
