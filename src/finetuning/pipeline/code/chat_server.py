"""A server with OpenAI's API: the control plane that runs this job, or another one by its address."""
import http.client
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request

# Seconds. A model on a processor that is loaded first takes its time.
PATIENCE = 300
# Seconds until it is asked again while it is busy or not reached.
PAUSES = (1, 3, 9)
MOST_BYTES = 1 << 20


class NoAnswer(Exception):
    """Why there is no answer, in words. `status` is that of HTTP, or None. What is passing may be another one when it is asked again."""

    def __init__(self, why, status=None, is_passing=False):
        super().__init__(why)
        self.status = status
        self.is_passing = is_passing


class ToTheAddressAlone(urllib.request.HTTPRedirectHandler):
    """The key is for the address that was given, and for no other one."""

    def redirect_request(self, request, answer, status, message, headers, address):
        return None


class ChatServer:
    def __init__(self, address=None):
        plane = os.environ.get("MLFLOW_TRACKING_URI", "")
        self.is_plane = not address
        if self.is_plane and not plane.startswith(("http:", "https:")):
            raise NoAnswer("this job is not run by a control plane of Updraft. Name the address of a server")
        self.address = address.rstrip("/") if address else f"{plane.rstrip('/')}/v1"
        # The token of this job is for its plane alone.
        self.key = os.environ.get("MLFLOW_TRACKING_TOKEN" if self.is_plane else "OPENAI_API_KEY")
        host = urllib.parse.urlsplit(self.address).hostname
        # No proxy leads to this machine.
        direct = [urllib.request.ProxyHandler({})] if host in ("localhost", "127.0.0.1", "::1") else []
        self.opener = urllib.request.build_opener(ToTheAddressAlone, *direct)

    def models(self):
        return [str(each.get("id")) for each in self.asked("/models").get("data", [])]

    def answer(self, request):
        """The text of an answer to a chat."""
        answer = self.asked("/chat/completions", request)
        try:
            return answer["choices"][0]["message"]["content"] or ""
        except (KeyError, IndexError, TypeError):
            raise NoAnswer("its answer is not one of OpenAI's API")

    def asked(self, path, body=None):
        for pause in (*PAUSES, None):
            try:
                return self.asked_once(path, body)
            except NoAnswer as error:
                if not error.is_passing or pause is None:
                    raise
            time.sleep(pause)

    def asked_once(self, path, body):
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        request = urllib.request.Request(self.address + path, None if body is None else json.dumps(body).encode(), headers)
        try:
            with self.opener.open(request, timeout=PATIENCE) as answer:
                text = answer.read(MOST_BYTES)
        except urllib.error.HTTPError as error:
            raise NoAnswer(f"{self.address} answers {error.code}: {said_in(error)}", error.code, error.code == 429 or error.code >= 500)
        except (OSError, http.client.HTTPException, ValueError) as error:
            why = getattr(error, "reason", None) or error
            if isinstance(why, TimeoutError):
                raise NoAnswer(f"{self.address} has not answered within {PATIENCE} s")
            raise NoAnswer(f"{self.address} is not reached ({why})", is_passing=True)
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise NoAnswer(f"{self.address} does not answer in JSON")
        return found


def said_in(error):
    """The message of an error of OpenAI's API, or the beginning of its text."""
    try:
        text = " ".join(error.read(4096).decode("utf-8", "replace").split())
    except OSError:
        return error.reason
    try:
        found = json.loads(text)
        inner = found.get("error", found)
        return " ".join(str(inner["message"] if isinstance(inner, dict) else inner).split())[:300]
    except (ValueError, KeyError, AttributeError):
        return text[:200] or error.reason
