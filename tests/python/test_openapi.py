"""The description of the HTTP API, checked by validators that we did not write, and real answers checked against it."""

import uuid

import pytest
import requests
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from openapi_spec_validator import OpenAPIV31SpecValidator


@pytest.fixture(scope="module")
def document(world):
    answer = requests.get(f"{world.url}/openapi.json", timeout=20)
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/json"
    return answer.json()


def test_it_is_openapi_3_1(document):
    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()


@pytest.fixture
def ask(world, document):
    """Asks, and answers what was said once it is as the document says."""

    def ask_once(method, path, template=None, status=200, token=None, **request):
        headers = {"authorization": f"Bearer {token or world.token}"}
        answer = requests.request(method, f"{world.url}{path}", headers=headers, timeout=30, **request)
        assert answer.status_code == status, answer.text
        operation = document["paths"][template or path.split("?")[0]][method.lower()]
        [(kind, described)] = operation["responses"][str(status)]["content"].items()
        assert answer.headers["content-type"].startswith(kind), answer.headers
        told = answer.json()
        schema = {**described["schema"], "components": document["components"]}
        OAS31Validator(schema, format_checker=oas31_format_checker).validate(told)
        return told

    return ask_once


@pytest.fixture
def contact(world):
    phone = f"+1555{uuid.uuid4().int % 10_000_000:07}"
    world.receive(phone, "hello")
    [[contact]] = world.execute("select id from contacts where phone = :phone", phone=phone)
    return str(contact)


def test_what_is_read_is_as_described(world, ask, contact):
    of = f"workspaceId={world.workspace}"
    for path in ("config", "phone-numbers", "dead-letters", "audit", "sending"):
        ask("GET", f"/twilio/{path}?{of}")
    session = ask("GET", "/session")
    assert session["workspaces"][0]["id"] == world.workspace
    for path in ("/healthz", "/readyz", "/openapi.json"):
        ask("GET", path)
    snapshot = ask("GET", f"/sync?{of}&snapshot=start")
    assert snapshot["messages"] and snapshot["contacts"] and snapshot["members"]
    changes = ask("GET", f"/sync?{of}&feed={snapshot['feed']}&after=0")
    assert changes["changes"]
    ask("GET", f"/contacts/{contact}/consents?{of}", "/contacts/{id}/consents")


def test_what_happens_to_a_text_is_as_described(world, ask, contact):
    body = {"workspaceId": world.workspace, "contactId": contact, "message": "hi", "clientId": str(uuid.uuid4())}
    sent = ask("POST", "/sms/send-sms", json=body)["message"]
    assert sent["id"] == body["clientId"]
    ledger = ask("GET", f"/messages/{sent['id']}/ledger", "/messages/{id}/ledger")
    assert ledger["entries"][0]["kind"] in ("accepted", "callback")
    ask("POST", f"/messages/{sent['id']}/retry", "/messages/{id}/retry", 409)

    later = {**body, "sendAt": "2027-11-01T09:30:00+01:00", "cancelOnReply": True, "clientId": str(uuid.uuid4())}
    waiting = ask("POST", "/sms/send-sms", json=later)["message"]["id"]
    assert ask("GET", f"/sms/scheduled?workspaceId={world.workspace}")["scheduled"]
    change = {"message": "later still"}
    ask("POST", f"/messages/{waiting}/schedule", "/messages/{id}/schedule", json=change)
    ask("POST", f"/messages/{waiting}/cancel", "/messages/{id}/cancel")

    workspace = {"workspaceId": world.workspace}
    ask("POST", f"/contacts/{contact}/opt-out", "/contacts/{id}/opt-out", json=workspace)
    refused = ask("POST", "/sms/send-sms", status=422, json={**body, "clientId": "another"})
    assert (refused["error"], refused["code"]) == ("Error sending SMS", 21610)
    ask("POST", f"/contacts/{contact}/opt-in", "/contacts/{id}/opt-in", json=workspace)
    assert len(ask("GET", f"/contacts/{contact}/consents?workspaceId={world.workspace}", "/contacts/{id}/consents")["consents"]) == 2


def test_commands_files_and_imports_are_as_described(world, ask, contact):
    command = {"id": str(uuid.uuid4()), "workspaceId": world.workspace, "at": "2026-11-01T12:00:00Z"}
    outcomes = ask("POST", "/commands", json=[{**command, "action": {"type": "markUnread", "contactId": contact}}, {}])
    assert [outcome["outcome"] for outcome in outcomes["outcomes"]] == ["done", "refused"]
    picture = b"\x89PNG\r\n\x1a\n" + bytes(100)
    ask("POST", f"/media?workspaceId={world.workspace}&name=a.png", data=picture)
    csv = "phone;name\n+15557771234;Zoe\nnonsense;Nobody\n"
    report = ask("POST", f"/contacts/import?workspaceId={world.workspace}", data=csv)
    assert [row["outcome"] for row in report["rows"]][1] == "invalid"
    sending = {"workspaceId": world.workspace, "segmentsPerSecond": {world.our_number: None}}
    ask("POST", "/twilio/sending", json=sending)


def test_errors_are_as_described(world, ask):
    nowhere = str(uuid.uuid4())
    ask("GET", f"/twilio/config?workspaceId={nowhere}", status=403)
    ask("GET", "/twilio/config", status=400)
    ask("GET", f"/sync?workspaceId={world.workspace}&feed={nowhere}&after=0", status=409)
    ask("GET", "/session", status=401, token="nonsense")
    ask("POST", f"/messages/{nowhere}/retry", "/messages/{id}/retry", 404)
    ask("POST", "/auth/v1/token?grant_type=password", status=400, json={"email": "ann@example.org", "password": "wrong"})
    wrong = {"workspaceId": world.workspace, "accountSid": f"AC{'0' * 32}", "authToken": "wrong"}
    told = ask("POST", "/twilio/test-connection", status=422, json=wrong)
    assert told["error"] == "Invalid Twilio credentials"
    unsigned = {"AccountSid": f"AC{'0' * 32}", "MessageSid": f"SM{'0' * 32}", "From": "+15557771234", "To": world.our_number}
    ask("POST", "/twilio/webhook", status=403, data=unsigned)
