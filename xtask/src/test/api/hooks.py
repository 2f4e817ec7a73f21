"""What Schemathesis cannot know: how to sign in, and what files and chunks look like."""

import json
import os

import requests
import schemathesis


def sign_in():
    answer = requests.post(
        os.environ["HOLDFAST_URL"] + "/api/v1/identity/sessions",
        json={"tenant": "seahorse", "email": "ada@seahorse.example", "password": "seahorse-demo"},
        timeout=20,
    )
    answer.raise_for_status()
    return answer.cookies["hf_session"], answer.json()["csrf"]


# Once, before the wrong passwords of the run slow down whoever signs in from here.
SESSION = sign_in()


@schemathesis.auth(refresh_interval=None, retry_on=[])
class Owner:
    def get(self, case, context):
        return SESSION

    def set(self, case, data, context):
        cookie, csrf = data
        case.cookies["hf_session"] = cookie
        case.headers["x-holdfast-csrf"] = csrf


@schemathesis.serializer("text/csv", "application/partial-upload", "application/cbor")
def as_it_is(context, value):
    """Text is a file's text; what was made for another encoding is no CBOR, and is refused as such."""
    if isinstance(value, str):
        return {"data": value.encode(errors="replace")}
    if isinstance(value, bytes):
        return {"data": value}
    return {"data": getattr(value, "data", None) or json.dumps(value, default=str).encode()}
