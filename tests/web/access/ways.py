"""Every way into a server: who may take it, a request that takes it, and the status that tells that it was let in.

Requests that change something fail for a reason of their own, so that each person can make them.
"""

ANYBODY = ("", "外人", "读者", "校对", "编辑", "主管")  # the first has not said who they are
MAY = {
    "open": set(ANYBODY),
    "known": set(ANYBODY[1:]),
    "read": set(ANYBODY[2:]),
    "correct": set(ANYBODY[3:]),
    "add": set(ANYBODY[4:]),
    "administer": {"主管"},
    "own": {"读者"},  # what they asked themselves
}

BESIDE = {
    "GET /": ("known", "/", (200, 303), {}),
    "GET /archives": ("known", "/archives", 200, {}),
    "GET /admin": ("administer", "/admin", 200, {}),
    "GET /admin.json": ("administer", "/admin.json", 200, {}),
    "GET /login": ("open", "/login", 200, {}),
    "POST /login": ("open", "/login", 200, {"data": {"username": "读者", "password": "读者的密码"}}),
    "GET /logout": ("known", "/logout", 303, {}),
    "GET /health": ("open", "/health", 200, {}),
    "GET /ready": ("open", "/ready", 200, {}),
    "GET /openapi.json": ("known", "/openapi.json", 200, {}),
    "GET /feeds/{secret}": ("open", "/feeds/guessed", 404, {}),
    "MOUNT /own": ("open", "/own/frame.css", 200, {}),
    "MOUNT /archives/内部": ("read", "/archives/内部/", 200, {}),
    "MOUNT /archives/公开": ("known", "/archives/公开/", 200, {}),
}

QUESTION = {"messages": [{"role": "user", "content": "昨日有多少艘渡船？"}]}
_EDIT = {"action": "withdraw", "number": 999}
_FORM = {"article": "{article}", "original": "没有的字", "replacement": "字"}
_KEPT = "api/kept"

WITHIN = {
    "MOUNT ": ("read", "", 200, {}),
    "MOUNT /en": ("read", "en/", 200, {}),
    "MOUNT /own": ("read", "own/frame.css", 200, {}),
    "GET /openapi.json": ("read", "openapi.json", 200, {}),
    "GET /health": ("read", "health", 200, {}),
    "GET /ready": ("read", "ready", 200, {}),
    "GET /metrics": ("read", "metrics", 200, {}),
    "GET /articles/{identity:path}": ("read", "articles/{article}", 200, {}),
    "GET /pages/{identity:path}": ("read", "pages/{article}", 200, {}),
    "GET /issues": ("read", "issues", 200, {}),
    "GET /issues/{date}": ("read", "issues/2031-05-06", 200, {}),
    "GET /issues/{date}/pages/{number}": ("read", "issues/2031-05-06/pages/0", 200, {}),
    "GET /overview": ("read", "overview", 200, {}),
    "GET /answers/{name}": ("read", "answers/{turn}", 200, {}),
    "GET /conversations/{name}": ("own", "conversations/c.md", 200, {}),
    "GET /images/{identity}": ("read", "images/{picture}", 200, {}),
    "GET /thumbnails/{identity}": ("read", "thumbnails/{picture}", 200, {}),
    "GET /places/{identity:path}": ("read", "places/{article}", 200, {}),
    "GET /search": ("read", "search?q=渡船", 200, {}),
    "GET /search/counts": ("read", "search/counts?q=渡船&facet=paper", 200, {}),
    "GET /api/search": ("read", "api/search?q=渡船", 200, {}),
    "GET /report": ("read", "report?topic=渡船", 200, {}),
    "GET /api/report": ("read", "api/report?topic=渡船", 200, {}),
    "GET /v1/models": ("read", "v1/models", 200, {}),
    "GET /v1/models/{name}": ("read", "v1/models/baowen", 200, {}),
    "POST /v1/chat/completions": ("read", "v1/chat/completions", 200, {"json": QUESTION}),
    "GET /api/names": ("read", "api/names?name=甲乙", 400, {}),
    "GET /api/names/edits": ("read", "api/names/edits", 200, {}),
    "POST /api/names/edits": ("correct", "api/names/edits", 400, {"json": {"action": "undo", "number": 999}}),
    "GET /api/threads/{identity:path}": ("read", "api/threads/{article}", 200, {}),
    "GET /api/reprints/{identity:path}": ("read", "api/reprints/{article}", 200, {}),
    "GET /api/compare": ("read", "api/compare?q=渡船&other=昨日", 200, {}),
    "GET /api/corrections": ("read", "api/corrections", 200, {}),
    "POST /api/corrections": ("correct", "api/corrections", 400, {"json": _EDIT}),
    "POST /corrections": ("correct", "corrections", 400, {"data": _FORM}),
    "GET /names": ("read", "names?name=甲乙", 404, {}),
    "POST /names": ("correct", "names", 400, {"data": {"action": "undo", "name": "甲乙", "number": 999}}),
    "GET /threads/{identity:path}": ("read", "threads/{article}", 200, {}),
    "GET /reprints/{identity:path}": ("read", "reprints/{article}", 200, {}),
    "GET /compare": ("read", "compare?q=渡船&other=昨日", 200, {}),
    "GET /kept": ("read", "kept", 200, {}),
    "POST /kept/searches": ("read", "kept/searches", 400, {"data": {"query": "(渡船"}}),
    "POST /kept/searches/{identity}": ("read", "kept/searches/none", 400, {"data": {"action": "open feed"}}),
    "POST /kept/collections": ("read", "kept/collections", 400, {"data": {"article": "none"}}),
    "GET /kept/collections/{identity}": ("read", "kept/collections/none", 404, {}),
    "POST /kept/collections/{identity}": ("read", "kept/collections/none", 400, {"data": {"action": "drop"}}),
    "GET /corrections": ("read", "corrections", 200, {}),
    "POST /corrections/{number}": ("correct", "corrections/999", 400, {"data": {"action": "withdraw"}}),
    "GET /feed": ("add", "feed", 200, {}),
    "POST /feed/files": ("add", "feed/files?name=01.md", 200, {"content": "# 题\n".encode()}),
    "POST /feed/recognise": ("add", "feed/recognise", 200, {"json": {"files": []}}),
    "POST /feed/publish": ("add", "feed/publish", 422, {"json": {"batch": "", "rows": []}}),
    "GET /api/kept/searches": ("read", f"{_KEPT}/searches", 200, {}),
    "POST /api/kept/searches": ("read", f"{_KEPT}/searches", 400, {"json": {"query": "(渡船"}}),
    "DELETE /api/kept/searches/{identity}": ("read", f"{_KEPT}/searches/none", 400, {}),
    "POST /api/kept/searches/{identity}/feed": ("read", f"{_KEPT}/searches/none/feed", 400, {}),
    "DELETE /api/kept/searches/{identity}/feed": ("read", f"{_KEPT}/searches/none/feed", 400, {}),
    "GET /api/kept/collections": ("read", f"{_KEPT}/collections", 200, {}),
    "POST /api/kept/collections": ("read", f"{_KEPT}/collections", 400, {"json": {"name": ""}}),
    "POST /api/kept/collections/{identity}": ("read", f"{_KEPT}/collections/none", 400, {"json": {"article": "none"}}),
    "DELETE /api/kept/collections/{identity}": ("read", f"{_KEPT}/collections/none", 400, {}),
    "GET /api/kept/collections/{identity}/export": ("read", f"{_KEPT}/collections/none/export", 404, {}),
}
for _method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
    WITHIN[f"{_method} /v1"] = ("read", "v1", 404, {})
    WITHIN[f"{_method} /v1/{{path:path}}"] = ("read", "v1/none", 404, {})

# Endpoints of Gradio's API, by which each is called, and tools of MCP.
CALLS = {
    "search": {"question": "渡船", "k": 3, "since": "", "until": ""},
    "search_all": {"query": "渡船", "sort": "newest", "mode": "words", "limit": 5, "offset": 0, "snapshot": ""},
    "ask": {"question": "昨日有多少艘渡船？", "since": "", "until": ""},
    "article": {"identity": "{article}"},
}
