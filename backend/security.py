"""Response headers and the check of a request's origin, as pure ASGI middleware.

The policy lets PyScript run (WebAssembly) and nothing else that turns text into code: no eval, no
inline script or style, no innerHTML (Trusted Types), nothing from another origin.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.errors import Failure, answer

API_PREFIX = "/api/"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self'",
        # Pico.css draws its check marks and arrows as data: images; an image cannot run.
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        # One policy, made in pwa/start.js, that lets nothing pass but the address of sw.js:
        # registering a service worker is itself guarded.
        "trusted-types rekam",
    )
)
API_POLICY = "default-src 'none'; frame-ancestors 'none'"

COMMON_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), browsing-topics=(), camera=(self), display-capture=(), "
        "geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()"
    ),
}
HSTS = "max-age=31536000"


class SecurityHeaders:
    """Adds the headers to every answer, the failures included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_api = scope["path"].startswith(API_PREFIX)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in COMMON_HEADERS.items():
                    headers[name] = value
                headers["Content-Security-Policy"] = API_POLICY if is_api else PAGE_POLICY
                # no-cache lets the browser keep a file, but it must ask before using it: a page
                # and its modules are then always of one version.
                headers["Cache-Control"] = "no-store" if is_api else "no-cache"
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = HSTS
            await send(message)

        await self.app(scope, receive, send_with_headers)


class OriginCheck:
    """Refuses a write that another site's page made the browser send.

    Browsers say where a request comes from in Sec-Fetch-Site or, older ones, in Origin. A client
    that sends neither is no browser and carries no one's cookie but its own.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_write = scope["type"] == "http" and scope["method"] not in SAFE_METHODS
        if is_write and not is_own_origin(Headers(scope=scope)):
            failure = Failure("foreign-origin", "requests of other sites are refused")
            await answer(failure)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def is_own_origin(headers: Headers) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    # The scheme is not compared: behind a proxy that ends TLS this process sees plain http.
    return origin.partition("://")[2] == headers.get("host", "")
