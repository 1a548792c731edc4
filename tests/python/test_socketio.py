"""python-socketio against our server: what a foreign service does that listens and writes."""

import queue
import threading
import uuid

import pytest
import requests
import socketio

SOON = 20
TRANSPORTS = [["websocket"], ["polling"], ["polling", "websocket"]]


class Client:
    """A client that keeps everything it hears."""

    def __init__(self, world, transports, auth=None, wait=True):
        self.heard = queue.Queue()
        self.kept = []
        self.client = socketio.Client(reconnection=False)
        self.client.on("*", lambda event, *data: self.heard.put((event, data[0] if data else None)))
        self.client.on("connect_error", lambda data: self.heard.put(("connect_error", data)))
        auth = {"token": world.token} if auth is None else auth
        self.client.connect(world.url, auth=auth, transports=transports, wait=wait, wait_timeout=SOON)

    def wait_for(self, event, is_it=lambda data: True):
        while True:
            found = next((data for name, data in self.kept if name == event and is_it(data)), None)
            if found is not None:
                return found
            try:
                self.kept.append(self.heard.get(timeout=SOON))
            except queue.Empty:
                pytest.fail(f"{event} never came; heard {[name for name, _ in self.kept]}")

    def ask(self, event, data):
        return self.client.call(event, data, timeout=SOON)


@pytest.fixture(params=TRANSPORTS, ids="+".join)
def connect(request, world):
    opened = []

    def open_one(auth=None, wait=True):
        opened.append(Client(world, request.param, auth, wait))
        return opened[-1]

    yield open_one
    for client in opened:
        client.client.disconnect()


def a_phone() -> str:
    return f"+1555{uuid.uuid4().int % 10_000_000:07}"


@pytest.mark.parametrize("auth, message", [({"x": 1}, "Token required"), ({"token": "nonsense"}, "Invalid token")])
def test_who_is_not_let_in_hears_why(world, connect, auth, message):
    refused = connect(auth, wait=False)

    assert refused.wait_for("connect_error") == {"message": f"Authentication error: {message}"}


def test_a_text_is_heard_and_answered(world, connect):
    dashboard, colleague = connect(), connect()
    assert dashboard.ask("join_workspace", str(uuid.uuid4()))["ok"] is False
    for client in (dashboard, colleague):
        assert client.ask("join_workspace", world.workspace)["ok"] is True
    phone, text = a_phone(), f"are you open? ☀ {uuid.uuid4()}"

    world.receive(phone, text)

    told = dashboard.wait_for("new_message", lambda told: told["message"]["content"] == text)
    assert told["contact"]["phone"] == phone
    assert told["contact"]["unread_count"] == 1
    assert told["contactId"] == told["message"]["contact_id"]
    reply = {"workspaceId": world.workspace, "contactId": told["contactId"], "message": f"until six {uuid.uuid4()}"}
    answer = dashboard.ask("send_message", reply)
    assert answer["success"] is True and answer["twilioSid"].startswith("SM")
    assert dashboard.wait_for("message_sent") == answer
    mine = lambda told: told["message"]["id"] == answer["message"]["id"]
    colleague.wait_for("new_message", mine)
    dashboard.wait_for("message_updated", lambda told: mine(told) and told["message"]["status"] == "delivered")
    assert not any(name == "new_message" and mine(data) for name, data in dashboard.kept)


def test_wrong_shapes_leave_the_socket_usable(world, connect):
    client = connect()

    for wrong in (None, 7, "text", [1], {"deep": [{}]}, b"\x00\xff"):
        assert client.ask("send_message", wrong)["error"] == "Failed to send message"
        assert client.ask("join_workspace", wrong)["ok"] is False
    client.client.emit("nobody_knows_this", {"x": 1})

    assert client.ask("join_workspace", world.workspace)["ok"] is True


def test_what_another_program_writes_is_heard(world, connect):
    client = connect()
    client.ask("join_workspace", world.workspace)
    phone = a_phone()

    [[contact]] = world.execute(
        "insert into contacts (workspace_id, phone, name) values (:workspace, :phone, 'Ann') returning id",
        workspace=world.workspace,
        phone=phone,
    )
    world.execute(
        "insert into livechatmessages (workspace_id, contact_id, content, direction)"
        " values (:workspace, :contact, 'from next door', 'inbound')",
        workspace=world.workspace,
        contact=contact,
    )
    world.execute("update contacts set unread_count = 0, name = 'Ann Lee' where id = :contact", contact=contact)

    client.wait_for("contact_updated", lambda told: told["contact"]["phone_number"] == phone)
    told = client.wait_for("new_message", lambda told: told["contactId"] == str(contact))
    assert told["message"]["content"] == "from next door"
    client.wait_for("contact_updated", lambda told: told["contact"]["name"] == "Ann Lee")


def test_many_senders_at_once_send_each_text_once(world, connect):
    client = connect()
    client.ask("join_workspace", world.workspace)
    phone = a_phone()
    world.receive(phone, "hello")
    contact = client.wait_for("new_message", lambda told: told["contact"]["phone"] == phone)["contactId"]
    body = {"workspaceId": world.workspace, "contactId": contact, "message": "once", "clientId": str(uuid.uuid4())}
    answers = []

    def send():
        headers = {"authorization": f"bearer {world.token}"}
        answers.append(requests.post(f"{world.url}/sms/send-sms", json=body, headers=headers, timeout=30).json())

    senders = [threading.Thread(target=send) for _ in range(8)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    assert len(answers) == 8 and all(answer.get("success") for answer in answers), answers
    assert len({answer["message"]["id"] for answer in answers}) == 1
    [[stored]] = world.execute("select count(*) from messages where contact_id = :id and direction = 'outbound'", id=contact)
    assert stored == 1
