"""What an email contains: few facts, in two forms, with no way to add a header or markup."""

from __future__ import annotations

import inspect
from datetime import timedelta

import pytest

from studies.mail import letters
from studies.mail.letters import Letter, ReaderCount, one_line
from studies.mail.models import OutgoingMail
from studies.mail.outbox import create_mail
from studies.mail.rendering import render_letter
from studies.mail.sending import build_message
from tests.mail.mail_settings import ADDRESS, use_server

HOSTILE = "Trial\r\nBcc: eve@example.org\r\n\r\n<script>alert(1)</script>"
FACTS = {
    "study": HOSTILE,
    "username": HOSTILE,
    "role": "reader",
    "path": "/studies/guides/",
    "expires": "14 Dec 2026, 09:00",
    "period": 2,
    "days": 7,
    "counts": [ReaderCount("R01", 12, 48, 3), ReaderCount("R02", 0, 48, 0)],
}
FUNCTIONS = [
    function
    for name, function in inspect.getmembers(letters, inspect.isfunction)
    if function.__module__ == letters.__name__ and name != "one_line"
]


def write(function: object) -> Letter:
    assert callable(function)
    names = inspect.signature(function).parameters
    letter = function(**{name: FACTS[name] for name in names})
    assert isinstance(letter, Letter)
    return letter


@pytest.fixture(autouse=True)
def _server(settings):
    use_server(settings, 25)


def test_there_is_a_letter_of_each_kind():
    assert len(FUNCTIONS) == len(OutgoingMail.Kind)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_letter_is_made_from_the_permitted_facts_only(function):
    permitted = {"study", "role", "username", "path", "expires", "period", "days", "counts"}
    assert set(inspect.signature(function).parameters) <= permitted


@pytest.mark.parametrize("function", FUNCTIONS)
def test_both_forms_have_every_sentence_and_the_whole_link(function):
    letter = write(function)
    rendered = render_letter(letter, unsubscribe_path="/mail/unsubscribe/abc")
    text = " ".join(rendered.text.split())
    for sentence in (*letter.paragraphs, *letter.closing):
        assert sentence in text
    for row in letter.table:
        assert " ".join(row) in text
        assert all(f">{cell}</t" in rendered.html for cell in row)
    for address in (f"{ADDRESS}/studies/guides/", f"{ADDRESS}/mail/unsubscribe/abc"):
        assert address in rendered.text.splitlines()
        assert f'href="{address}"' in rendered.html
    assert letter.closing == () or letter.closing[-1] in rendered.html.replace("&#x27;", "'")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_name_adds_neither_markup_nor_lines(function):
    rendered = render_letter(write(function))
    assert "<script>" not in rendered.html
    assert "\r" not in rendered.text
    assert not any(line.startswith("Bcc") for line in rendered.text.splitlines())
    assert "\n" not in rendered.subject


@pytest.mark.django_db
@pytest.mark.parametrize("function", FUNCTIONS)
def test_name_adds_no_header_to_the_message(function):
    mail = create_mail(
        kind=OutgoingMail.Kind.REMINDER,
        key="test",
        address="rita@example.org",
        letter=write(function),
        valid_for=timedelta(days=1),
    )
    message = build_message(mail)
    sent = message.message()
    assert sent["Bcc"] is None
    assert "eve@example.org" not in message.recipients()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_longest_names_fit_into_a_subject(function):
    facts = {**FACTS, "study": "S" * 120, "username": "u" * 150}
    names = inspect.signature(function).parameters
    rendered = render_letter(function(**{name: facts[name] for name in names}))
    assert len(rendered.subject) <= 150
    assert max(len(line) for line in rendered.text.splitlines()) < 100


@pytest.mark.parametrize(
    ("text", "line"),
    [("a\nb", "a b"), ("a\u2028b\x00c", "a b c"), ("  a  ", "a"), ("x" * 90, "x" * 79 + "…")],
)
def test_name_is_one_line(text, line):
    assert one_line(text) == line


def test_summary_of_many_readers_names_how_many_are_left_out():
    counts = [ReaderCount(f"R{number:03d}", 1, 2, 1) for number in range(130)]
    letter = letters.weekly_summary(study="Trial", counts=counts, path="/")
    assert len(letter.table) == 101
    assert letter.closing == ("30 more readers on the page.",)
    assert "130 of 260 readings" in letter.paragraphs[1]


@pytest.mark.parametrize("role", ["reader", "adjudicator"])
def test_invitation_has_the_article_of_its_role(role):
    letter = letters.invitation(study="Guides trial", role=role, path="/", expires="1 Dec 2026")
    article = {"reader": "a", "adjudicator": "an"}[role]
    assert letter.paragraphs[1] == (
        f"You are invited to join the reading study Guides trial as {article} {role}."
    )


@pytest.mark.parametrize("function", FUNCTIONS)
def test_sentences_after_the_greeting_begin_with_a_capital_letter(function):
    greeting, *sentences = write(function).paragraphs
    assert greeting == "Hello,"
    assert not any(sentence[0].islower() for sentence in sentences)
