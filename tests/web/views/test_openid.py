"""Login by OpenID Connect, against an organisation that is played here; Authlib is real."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.integrations.httpx_client.oauth2_client import httpx2 as httpx  # whichever Authlib has found
from fastapi import FastAPI
from fastapi.testclient import TestClient
from joserfc import jwk, jwt
from starlette.middleware.sessions import SessionMiddleware

from index.config import AuditSettings, OpenIDSettings
from rag.audit import Audit
from rag.web.access.doors import Doors
from rag.web.history.history import History
from rag.web.requests.prefix import Prefixed
from rag.web.sites.site import Site
from rag.web.views.openid import openid

ISSUER = "https://login.example/paper"
KEY = jwk.RSAKey.generate_key(2048, {"kid": "k", "use": "sig"})


class Organisation:
    """The other side: its configuration, its keys, and a token for whoever comes with the code."""

    def __init__(self):
        self.nonce = ""
        self.claims = {"preferred_username": "王编辑"}
        self.key = KEY

    def __call__(self, request):
        path = request.url.path
        if path.endswith("openid-configuration"):
            ends = {name: f"{ISSUER}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
            return httpx.Response(
                200, json={"issuer": ISSUER, **ends, "id_token_signing_alg_values_supported": ["RS256"]}
            )
        if path.endswith("jwks_uri"):
            return httpx.Response(200, json={"keys": [KEY.as_dict(private=False)]})
        sent = parse_qs(request.content.decode())
        assert sent["code"] == ["the-code"]
        assert sent["code_verifier"]
        now = int(time.time())
        claims = {"iss": ISSUER, "sub": "7", "aud": "baowen", "iat": now, "exp": now + 60, "nonce": self.nonce}
        token = jwt.encode({"alg": "RS256", "kid": "k"}, claims | self.claims, self.key)
        return httpx.Response(
            200, json={"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": token}
        )


@pytest.fixture
def organisation():
    return Organisation()


@pytest.fixture
def client(archive, tmp_path, organisation):
    settings = OpenIDSettings(issuer=ISSUER, client_id="baowen", client_secret="s")
    app = FastAPI()
    site = Site(archive, History(tmp_path / "history.sqlite"))
    doors = Doors(audit=Audit(AuditSettings(folder=tmp_path / "audit")))
    app.include_router(openid(site, settings, doors, transport=httpx.MockTransport(organisation)))
    app.add_middleware(SessionMiddleware, secret_key="x", session_cookie="baowen")
    app.add_middleware(Prefixed, root_path="/papers")

    with TestClient(app, follow_redirects=False, base_url="https://paper.example") as client:
        yield client


def returned(client, organisation, **changes):
    sent = client.get("/papers/openid/login")
    query = {name: values[0] for name, values in parse_qs(urlsplit(sent.headers["location"]).query).items()}
    assert query["redirect_uri"] == "https://paper.example/papers/openid/callback"
    organisation.nonce = query["nonce"]
    back = {"code": "the-code", "state": query["state"]} | changes
    return client.get("/papers/openid/callback", params=back)


def test_whom_the_organisation_names_is_let_in(client, organisation):
    reply = returned(client, organisation)
    assert (reply.status_code, reply.headers["location"]) == (303, "/papers/")
    assert "httponly" in reply.headers["set-cookie"].lower()


def test_whoever_it_does_not_name_is_not(client, organisation):
    assert returned(client, organisation, state="forged").status_code == 401
    organisation.claims = {"nonce": "replayed"}
    assert returned(client, organisation).status_code == 401
    organisation.claims = {"aud": "another"}
    assert returned(client, organisation).status_code == 401
    organisation.claims = {}
    assert returned(client, organisation).status_code == 401
    organisation.claims = {"preferred_username": "王编辑"}
    organisation.key = jwk.RSAKey.generate_key(2048, {"kid": "k", "use": "sig"})
    assert returned(client, organisation).status_code == 401


def test_failed_logins_are_noted_but_do_not_fill_the_log(client, tmp_path):
    for _ in range(40):
        assert client.get("/papers/openid/callback").status_code == 401
    entries = list(Audit(AuditSettings(folder=tmp_path / "audit")).entries())
    assert 0 < len(entries) < 20
    assert {(entry["action"], entry["why"]) for entry in entries} == {("login failed", "openid")}
