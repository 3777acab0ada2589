"""Kinds of events of messages, announcements and emails."""

from __future__ import annotations

from typing import Final

from studies.audit.kinds.kind import About, Group, Kind


def _message(title: str, text: str, about: About = About.READER) -> Kind:
    return Kind(title, Group.MESSAGES, about, text)


# The texts themselves are not part of an event.
MESSAGE_KINDS: Final[dict[str, Kind]] = {
    "message.asked": _message("Question asked", "{subject} asked a question[ about {about}]."),
    "message.answered": _message(
        "Question answered", "{actor} answered a question of {subject}[ about {about}]."
    ),
    "message.thread_closed": _message(
        "Thread closed", "{actor} closed a thread of messages with {subject}."
    ),
    "messages.downloaded": _message(
        "Messages downloaded",
        "{actor} downloaded the messages of the study.",
        About.WHOLE_STUDY,
    ),
    # The subject is a site or all readers, so only the person who acted sees it besides.
    "announcement.published": _message(
        "Announcement published",
        "{actor} published an announcement ({subject}).",
        About.WHOLE_STUDY,
    ),
    "announcement.withdrawn": _message(
        "Announcement withdrawn",
        "{actor} withdrew an announcement ({subject}).",
        About.WHOLE_STUDY,
    ),
    "announcement.acknowledged": _message(
        "Announcement acknowledged", "{subject} acknowledged an announcement."
    ),
    "member.notified": _message(
        "Email written", "{actor} wrote an email about the study to {subject}."
    ),
}
