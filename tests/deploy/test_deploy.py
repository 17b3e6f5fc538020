"""What deploy/ says, held against the server, and run where a tool for it is installed."""

import http.server
import json
import re
import shutil
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request

import promql_parser
import pytest
import yaml

from index.config import Settings
from tests.conftest import ROOT
from tests.proxies import nginx

DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
MANIFESTS = list(yaml.safe_load_all((DEPLOY / "kubernetes" / "baowen.yaml").read_text("utf-8")))


def is_setting(variable):
    """Whether the settings know an environment variable, to its last part."""
    model, *rest = [Settings, *variable.removeprefix("BAOWEN_").lower().split("__")]
    for name in rest:
        if name not in model.model_fields:
            return False
        model = model.model_fields[name].annotation
    return True


def test_every_variable_is_a_setting():
    texts = [path.read_text("utf-8") for path in DEPLOY.rglob("*") if path.is_file()]
    named = set(re.findall(r"\bBAOWEN_[A-Z_]+\b", "\n".join(texts)))
    assert "BAOWEN_DATABASE" in named
    assert [name for name in named if not is_setting(name)] == []


def expressions():
    """Those of the dashboard."""
    panels = json.loads((DEPLOY / "grafana" / "baowen.json").read_text("utf-8"))["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


@pytest.mark.parametrize("expression", expressions())
def test_expressions_of_the_dashboard_are_promql(expression):
    assert promql_parser.parse(expression)


def test_every_metric_of_the_dashboard_is_counted():
    counted = set(re.findall(r'"(baowen_\w+)"', (ROOT / "rag" / "web" / "sites" / "site.py").read_text("utf-8")))
    named = {name for expression in expressions() for name in re.findall(r"\bbaowen_\w+", expression)}
    assert {re.sub(r"_(total|bucket)$", "", name) for name in named} == counted


def test_compose_names_files_networks_and_volumes_that_are_there():
    for name, service in COMPOSE["services"].items():
        assert set(service["networks"]) <= set(COMPOSE["networks"]), name
        assert set(service.get("depends_on", ())) <= set(COMPOSE["services"]), name
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (DEPLOY / source).is_file(), source
            elif not source.startswith("$"):
                assert source in COMPOSE["volumes"], source
    proxy = COMPOSE["services"]["nginx"]["networks"]["inner"]["ipv4_address"]
    assert json.loads(COMPOSE["services"]["chat1"]["environment"]["BAOWEN_ACCESS__PROXIES"]) == [proxy]
    asked = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text("utf-8")))
    assert asked == set(re.findall(r"^(\w+)=", (DEPLOY / ".env.example").read_text("utf-8"), re.MULTILINE))


def test_manifests_fit_together():
    kinds = {manifest["kind"]: manifest for manifest in MANIFESTS}
    pod = kinds["Deployment"]["spec"]["template"]
    labels = pod["metadata"]["labels"]
    for selector in (
        kinds["Deployment"]["spec"]["selector"]["matchLabels"],
        kinds["Service"]["spec"]["selector"],
        kinds["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
    ):
        assert selector == labels
    (container,) = pod["spec"]["containers"]
    assert {m["name"] for m in container["volumeMounts"]} == {v["name"] for v in pod["spec"]["volumes"]}
    assert container["securityContext"]["readOnlyRootFilesystem"]
    routes = (ROOT / "rag" / "web" / "sites" / "health.py").read_text("utf-8")
    for probe in ("readinessProbe", "livenessProbe"):
        assert f'"{container[probe]["httpGet"]["path"]}"' in routes


@pytest.mark.parametrize("text", ["Containerfile", "README.md"])
def test_what_is_deployed_has_the_extras_that_the_rest_of_it_needs(text):
    (extras,) = re.findall(r"pip install .*'\.\[([\w,]+)\]'", (DEPLOY / text).read_text("utf-8"))
    assert {"database", "milvus", "openai"} <= set(extras.split(","))


def test_the_container_copies_what_the_package_is_made_of():
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    copied = [name for line in re.findall(r"^COPY (.+)$", text, re.MULTILINE) for name in line.split()[:-1]]
    assert {"pyproject.toml", "index", "rag", "app.py", "baowen.py", "README.md", "LICENSE", "NOTICE"} == set(copied)
    assert all((ROOT / name).exists() for name in copied)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_the_unit_is_sandboxed():
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(DEPLOY / "baowen.service")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-400:] + done.stderr


class Backend(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        sent = {name.lower(): value for name, value in self.headers.items()}
        body = json.dumps({"by": self.server.name, "path": self.path, "headers": sent}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def backend(name):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
    server.name, server.status = name, 200
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture
def proxied(tmp_path):
    """nginx with the site's configuration, before two servers."""
    backends = [backend("one"), backend("two")]
    try:
        with nginx(tmp_path, [server.server_port for server in backends]) as url:
            yield url, backends
    finally:
        for server in backends:
            server.shutdown()
            server.server_close()


def get(url, **headers):
    context = ssl._create_unverified_context()
    for _ in range(50):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers=headers), context=context) as reply:
                return json.loads(reply.read())
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:  # not listening yet
            time.sleep(0.1)
    raise AssertionError("nginx does not listen")


def test_nginx_ends_tls_and_takes_another_server_when_one_is_lost(proxied):
    url, backends = proxied
    first = get(f"{url}/papers/search?q=1", **{"X-Remote-User": "admin", "X-Forwarded-For": "10.9.9.9"})
    assert first["path"] == "/search?q=1"
    sent = first["headers"]
    assert (sent["x-forwarded-prefix"], sent["x-forwarded-proto"]) == ("/papers", "https")
    assert sent["x-forwarded-for"] == "127.0.0.1"  # not what the reader claims
    assert "x-remote-user" not in sent
    assert {get(f"{url}/papers/")["by"] for _ in range(6)} == {first["by"]}  # an address stays with a server
    own, other = sorted(backends, key=lambda server: server.name != first["by"])
    own.status = 503  # it stops
    assert get(f"{url}/papers/")["by"] == other.name
    own.shutdown()
    own.server_close()
    assert {get(f"{url}/papers/")["by"] for _ in range(3)} == {other.name}
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get(f"{url}/papers/metrics")
