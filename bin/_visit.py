"""Visits a running site as a browser would; used by bin/demo. Standard library only, so it needs no environment.

_visit.py ADDRESS ready                        exit 0 when /health/ready/ answers 200, otherwise says why not
_visit.py ADDRESS sign-in USERNAME PASSWORD    signs in and opens the home page
"""

import re
import sys
from http.cookiejar import CookieJar
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

# No proxy: the site is on this machine, whatever HTTP_PROXY says.
opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))


def fetch(url: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
    """Status, final address and text, redirects followed; status 0 when nobody answers."""
    data = urlencode(form).encode() if form else None
    try:
        with opener.open(Request(url, data, {"Referer": url}), timeout=20) as answer:  # noqa: S310
            return answer.status, answer.url, answer.read().decode()
    except HTTPError as error:
        return error.code, url, error.read().decode(errors="replace")
    except (URLError, OSError) as error:
        return 0, url, str(error)


def ready(address: str) -> str:
    status, _, text = fetch(f"{address}/health/ready/")
    return "" if status == 200 else f"/health/ready/ answers {status}: {text[:500]}"


def sign_in(address: str, username: str, password: str) -> str:
    page = f"{address}/accounts/sign-in/"
    status, _, text = fetch(page)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
    if status != 200 or not token:
        return f"the sign-in page answers {status} or has no form"
    status, where, _ = fetch(
        page, {"csrfmiddlewaretoken": token[1], "username": username, "password": password}
    )
    if status != 200 or "/sign-in" in where:
        return f"signing in as {username} answers {status} at {where}"
    status, where, _ = fetch(f"{address}/")
    return "" if status == 200 and "/sign-in" not in where else f"the home page answers {status} at {where}"


address, action, *arguments = sys.argv[1:]
problem = {"ready": ready, "sign-in": sign_in}[action](address, *arguments)
if problem:
    sys.exit(problem)
