"""Made-up credentials of every shape. None of them was ever valid anywhere."""

import base64
import json

AUTH = "https://api.openai.com/auth"
REFRESHED = "2026-11-24T00:00:00Z"
FAR_FUTURE = 4102444800
API_KEY = json.dumps({"auth_mode": "apikey", "OPENAI_API_KEY": "made-up-key-000"})
BEDROCK = json.dumps(
    {"auth_mode": "bedrockApiKey", "bedrock_api_key": {"api_key": "made-up", "region": "r"}}
)


def base64url(content):
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(claims, head=None, signature=None):
    """Return a token whose middle part is ``claims``: an object, or ready text."""
    middle = claims if isinstance(claims, str) else base64url(claims)
    head = base64url({"alg": "none"}) if head is None else head
    return ".".join([head, middle, base64url(b"made-up") if signature is None else signature])


def claims(workspace=None, user="user-1", plan="pro", **extra):
    named = {"chatgpt_account_id": workspace, "chatgpt_user_id": user, "chatgpt_plan_type": plan}
    return {
        "email": "a@example.com",
        "exp": FAR_FUTURE,
        AUTH: {name: value for name, value in named.items() if value is not None},
        **extra,
    }


def document(id_token, access_token="opaque", **extra):
    """Return a ChatGPT login around two tokens; extra fields go into ``tokens``."""
    tokens = {"id_token": id_token, "access_token": access_token, "refresh_token": "made-up"}
    return json.dumps(
        {"auth_mode": "chatgpt", "tokens": {**tokens, **extra}, "last_refresh": REFRESHED}
    )


def chatgpt(workspace="ws-a", account="same", access="same", **claimed):
    """Return a ChatGPT login; ``account`` and ``access`` None leave those claims out."""
    account = workspace if account == "same" else account
    access = workspace if access == "same" else access
    extra = {} if account is None else {"account_id": account}
    access_token = "opaque" if access is None else token(claims(access, **claimed))
    return document(token(claims(workspace, **claimed)), access_token, **extra)


def signed_login(sign, workspace="ws-a", access=None, **extra):
    """Return a ChatGPT login whose tokens a function signs; ``access`` stands for its second."""
    made = sign(claims(workspace, **extra))
    return document(made, made if access is None else access, account_id=workspace)


def with_fields(text, **fields):
    return json.dumps({**json.loads(text), **fields})
